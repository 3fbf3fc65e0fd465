-- The version the warehouse has of each of some keys, made anew of the columns of the row that counts and without a ticket,
-- which the source does not know: a stored version keeps the rule it was written by.
SELECT
    ${key},
    argMax(${include shared/version modified=assumeNotNull(modified) ts=${ts} ticket=0 fetched_at=modified}, version)
FROM dwd.dwd_${module}
WHERE ${key} IN (SELECT key FROM touched)
GROUP BY ${key}
