-- For every module: up to when all that was read can be seen, up to when all is proven and why no further, and since when
-- its source refuses so much that it is asked in batches of five minutes.
SELECT
    read.module, ${include ledger/visible_until} AS visible, complete.value AS complete,
    coalesce(complete.reason, '') AS reason, degradation.since AS degraded
FROM watermark AS read
LEFT JOIN watermark AS complete ON complete.module = read.module AND complete.kind = 'complete'
LEFT JOIN degradation ON degradation.module = read.module AND degradation.until IS NULL
WHERE read.kind = 'read'
