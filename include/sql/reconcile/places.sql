-- When each of some records was modified, as the warehouse has it.
SELECT ${key}, toUnixTimestamp(argMax(modified, version))
FROM dwd.dwd_${module}
WHERE ${key} IN (SELECT key FROM touched)
GROUP BY ${key}
