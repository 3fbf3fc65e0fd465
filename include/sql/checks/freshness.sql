-- Modules that were not read for too long: a live feed for 5 minutes, a dimension for 30. Asked of the control database.
SELECT module || ' ' || to_char(now() - value, 'HH24:MI:SS') AS what
FROM watermark
WHERE kind = 'read'
  AND value < now() - CASE WHEN module = ANY(%(live)s) THEN interval '5 minutes' ELSE interval '30 minutes' END
