-- Windows planned within the last day, by state.
SELECT each.module, plan.state, count(*) AS windows
FROM unnest(%(modules)s) AS each (module)
JOIN plan ON plan.module = each.module AND plan.created_at > now() - interval '1 day'
GROUP BY each.module, plan.state
