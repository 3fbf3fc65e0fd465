-- Modules of which nothing new can be seen for too long (a live feed for 5 minutes, a degraded one for 10, a dimension for
-- 30), unless their task says itself why. Asked of the control database.
SELECT known.title || ' 已 ' || round(extract(epoch FROM now() - visible) / 60) || ' 分钟' AS what
FROM (SELECT module, ${include ledger/visible_until} AS visible FROM watermark AS read WHERE kind = 'read') AS shown
JOIN unnest(%(modules)s, %(titles)s) AS known (module, title) USING (module)
WHERE visible < now() - CASE WHEN module <> ALL(%(live)s) THEN interval '30 minutes'
                             WHEN module IN (SELECT module FROM degradation WHERE until IS NULL) THEN interval '10 minutes'
                             ELSE interval '5 minutes' END
  AND module NOT IN (SELECT module FROM trouble WHERE seen_at > now() - interval '15 minutes')
  AND module NOT IN (SELECT module FROM feed WHERE hold_until > now())
