-- ods.warehouse -> dwd.dwd_warehouse for the records in touched: their key and where each lies in Kafka.
INSERT INTO dwd.dwd_warehouse
    (wms_co_id, name, is_main, status, modified, plan_id, attempt, ticket, fetched_at, version)
SELECT
    toInt64(key), -- wms_co_id
    tupleElement(r, 'name'),
    lower(tupleElement(r, 'is_main')) IN ('1', 'true'), -- is_main
    tupleElement(r, 'status'), modified,
    plan_id, attempt, ticket, fetched_at,
    ${include shared/version modified=modified ts=NULL ticket=ticket fetched_at=fetched_at} -- version
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at,
        JSONExtract(body, 'Tuple(name String, is_main String, status String, modified String)') AS r,
        tupleElement(r, 'modified') AS said,
        ${include shared/source_time text=said} AS modified
    FROM ods.warehouse
    WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
)
