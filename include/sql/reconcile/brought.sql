-- Keys that came with some batches.
SELECT DISTINCT key FROM ods.${module} WHERE plan_id IN %(plans)s AND (plan_id, attempt) IN %(batches)s
