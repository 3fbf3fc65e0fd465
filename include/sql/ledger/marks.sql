-- How far every module is read, visible in the warehouse, and proven; why the complete watermark stands is written there
-- with it. live: it has a feed of its own, else it is a dimension that is refreshed by the clock.
SELECT module, kind, value, reason, extract(epoch FROM now() - value)::float8 AS age, module = ANY(%(live)s) AS live,
       module IN (SELECT module FROM key_refusal) AS windows_only
FROM (
    SELECT module, kind, value, reason FROM watermark WHERE kind IN ('read', 'complete')
    UNION ALL
    SELECT module, 'visible', ${include ledger/visible_until}, '' FROM watermark AS read WHERE kind = 'read'
) AS mark
