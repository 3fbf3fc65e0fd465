-- Windows planned within the last day that are settled, by state: tens of thousands of rows, so this is not asked with
-- every look. A re-drive is another reading of a window that is counted already.
SELECT each.module, plan.state, count(*) AS windows
FROM unnest(%(modules)s) AS each (module)
JOIN plan ON plan.module = each.module AND plan.created_at > now() - interval '1 day' AND redrives IS NULL
WHERE plan.state IN ('proven', 'excepted')
GROUP BY each.module, plan.state
