-- The last batches of every module.
SELECT each.module, batch.*
FROM unnest(%(modules)s) AS each (module)
CROSS JOIN LATERAL
     (SELECT plan_id, origin, dag_id, run_id, state, window_from, window_to, requests, rows, carried, letters, proof,
             extract(epoch FROM finished_at - started_at)::float8 AS seconds,
             extract(epoch FROM now() - finished_at)::float8 AS age
      FROM plan JOIN receipt USING (plan_id, attempt)
      WHERE plan.module = each.module ORDER BY plan.created_at DESC LIMIT 5) AS batch
