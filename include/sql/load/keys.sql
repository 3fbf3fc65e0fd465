-- Keys of the records these batches brought: (plan_id, attempt) pairs in %(plans)s.
SELECT DISTINCT key
FROM ods.{module}
WHERE plan_id IN %(plan_ids)s AND (plan_id, attempt) IN %(plans)s
ORDER BY key
