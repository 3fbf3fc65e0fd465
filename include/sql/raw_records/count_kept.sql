-- How many of the records that each of batches (plan_id, attempt, slice) brought are still kept as they came.
SELECT plan_id, uniqExact(partition, offset)
FROM ods.${module}
WHERE plan_id IN (SELECT plan_id FROM batches) AND (plan_id, attempt) IN (SELECT plan_id, attempt FROM batches)
GROUP BY plan_id
