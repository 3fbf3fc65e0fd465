-- How many records the warehouse has in each of some windows of modified.
SELECT sumForEach(arrayMap((first, last) -> if(at BETWEEN first AND last, records, 0), %(starts)s, %(ends)s))
FROM
(
    -- Second by second first: else each record would be held against each of a hundred windows.
    SELECT at, count() AS records
    FROM
    (
        -- The row of the highest version is the one that counts: no FINAL is needed.
        SELECT toUnixTimestamp(argMax(modified, version)) AS at
        FROM dwd.dwd_${module}
        WHERE ${key} IN (
                SELECT ${key} FROM dwd.dwd_${module}
                WHERE modified BETWEEN fromUnixTimestamp(%(start)s) AND fromUnixTimestamp(%(end)s))
            AND ${key} NOT IN (SELECT key FROM left_out)
        GROUP BY ${key}
    )
    GROUP BY at
)
