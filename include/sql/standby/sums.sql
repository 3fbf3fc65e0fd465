-- What is visible in a table: rows and a checksum over all columns, by buckets of its keys.
SELECT ${by} AS part, count(), sum(cityHash64(formatRow('RowBinary', ${compared})))
FROM ${table}
WHERE ${where}
GROUP BY part
SETTINGS final = 1
