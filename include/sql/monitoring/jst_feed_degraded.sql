SELECT module, count(*) FILTER (WHERE degradation.id IS NOT NULL AND until IS NULL) AS value
FROM watermark LEFT JOIN degradation USING (module) WHERE kind = 'read' GROUP BY module
