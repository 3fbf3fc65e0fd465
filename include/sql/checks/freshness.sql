-- Modules that were not read for too long: a live feed for 5 minutes, a dimension for 30. Asked of the control database.
SELECT module || ' ' || to_char(now() - value, 'HH24:MI:SS') AS what
FROM watermark
WHERE kind = 'read' AND value < now() - CASE
    (SELECT origin FROM plan WHERE plan.module = watermark.module AND origin IN ('live', 'refresh')
     ORDER BY created_at DESC LIMIT 1) WHEN 'live' THEN interval '5 minutes' ELSE interval '30 minutes' END
