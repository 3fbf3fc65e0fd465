SELECT module, kind, extract(epoch FROM value) AS value FROM watermark WHERE kind IN ('read', 'complete')
UNION ALL
SELECT module, 'visible', extract(epoch FROM ${include ledger/visible_until}) FROM watermark AS read WHERE kind = 'read'
