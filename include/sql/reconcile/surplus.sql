-- Records the warehouse has in a window although the batches that read all of it did not bring them.
SELECT DISTINCT ${key}
FROM dwd.dwd_${module} FINAL
-- What is in the window was stored with a time in it: the rows to be merged are found by key, not by reading all.
WHERE ${key} IN (
        SELECT ${key} FROM dwd.dwd_${module}
        WHERE ${field} BETWEEN fromUnixTimestamp(%(start)s) AND fromUnixTimestamp(%(end)s))
    AND ${field} BETWEEN fromUnixTimestamp(%(start)s) AND fromUnixTimestamp(%(end)s)
    AND ${key} NOT IN (
        SELECT key FROM ods.${module} WHERE plan_id IN %(plans)s AND (plan_id, attempt) IN %(batches)s)
ORDER BY ${key}
