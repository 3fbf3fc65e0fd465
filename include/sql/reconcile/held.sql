-- Key and version of the records the warehouse has in a window of modified; as in count.sql.
SELECT ${key}, max(version) AS winner
FROM dwd.dwd_${module}
WHERE ${key} IN (
        SELECT ${key} FROM dwd.dwd_${module}
        WHERE modified BETWEEN fromUnixTimestamp(%(start)s) AND fromUnixTimestamp(%(end)s))
GROUP BY ${key}
HAVING intDiv(winner, 4294967296) BETWEEN %(start)s AND %(end)s
