-- Those of the orders in touched that DWD has. What it does not have is in no table behind it either.
SELECT DISTINCT ${key} FROM dwd.dwd_${module} WHERE ${key} IN (SELECT key FROM touched)
