-- Fields that were left empty in records read within a day, as their value was unreadable or too large. Asked of the
-- control database.
SELECT module || ' ' || lost.name || '：' || sum((said ->> 0)::bigint) || ' 条（如 ' || max(said ->> 1) || '）' AS what
FROM receipt JOIN plan USING (plan_id) CROSS JOIN jsonb_each(left_empty) AS lost (name, said)
WHERE left_empty <> '{}' AND finished_at > now() - interval '1 day'
GROUP BY module, lost.name
ORDER BY module, lost.name
