-- ods.warehouse -> dwd.dwd_warehouse for the records in touched: their key and where each lies in Kafka.
INSERT INTO dwd.dwd_warehouse
    (wms_co_id, name, is_main, status, modified, plan_id, attempt, ticket, fetched_at, version)
SELECT
    toInt64(key), (r).name, lower((r).is_main) IN ('1', 'true'), (r).status, modified,
    plan_id, attempt, ticket, fetched_at,
    bitShiftLeft(toUInt64(toUnixTimestamp(modified)), 32) + bitAnd(ticket, 0xFFFFFFFF)
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at,
        JSONExtract(body, 'Tuple(name String, is_main String, status String, modified String)') AS r,
        -- Times in all spellings, as in sale_out.sql.
        (r).modified AS said,
        toDateTimeOrZero(
            concat(left(said, 10), ' ', left(concat(trimLeft(substring(said, 11), ' T'), '00:00:00'), 8)),
            'Asia/Shanghai') AS modified
    FROM ods.warehouse
    WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
)
