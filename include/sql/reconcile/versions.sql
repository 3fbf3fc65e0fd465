-- The version the warehouse has of each of some keys.
SELECT ${key}, max(version) FROM dwd.dwd_${module} WHERE ${key} IN (SELECT key FROM touched) GROUP BY ${key}
