-- Windows that are not proven, the oldest of every module first, with the run that made them.
SELECT plan_id, module, origin, dag_id, run_id, window_from, window_to, reason, age, windows
FROM (SELECT plan.*, extract(epoch FROM now() - updated_at)::float8 AS age,
             count(*) OVER (PARTITION BY module) AS windows,
             row_number() OVER (PARTITION BY module ORDER BY since, ordinal) AS place
      FROM plan WHERE state = 'open') AS standing
WHERE place <= 8
ORDER BY module, place
