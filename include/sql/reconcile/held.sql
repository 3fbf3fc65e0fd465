-- Key and modified of the records the warehouse has in a window of modified; as in count.sql.
SELECT ${key}, toUnixTimestamp(argMax(modified, version)) AS at
FROM dwd.dwd_${module}
WHERE ${key} IN (
        SELECT ${key} FROM dwd.dwd_${module}
        WHERE modified BETWEEN fromUnixTimestamp(%(start)s) AND fromUnixTimestamp(%(end)s))
GROUP BY ${key}
HAVING at BETWEEN %(start)s AND %(end)s
