-- ods.warehouse -> dwd.dwd_warehouse for the batches in %(plans)s.
INSERT INTO dwd.dwd_warehouse
    (wms_co_id, name, is_main, status, modified, plan_id, attempt, ticket, fetched_at, version)
SELECT
    toInt64(key), r.name, lower(r.is_main) IN ('1', 'true'), r.status, modified, plan_id, attempt, ticket, fetched_at,
    bitShiftLeft(toUInt64(toUnixTimestamp(modified)), 32) + bitAnd(ticket, 0xFFFFFFFF)
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at,
        JSONExtract(body, 'Tuple(name String, is_main String, status String, modified String)') AS r,
        -- Only the digits of a time count, as in sale_out.sql.
        parseDateTimeOrZero(
            rightPad(left(replaceRegexpAll(r.modified, '[^0-9]', ''), 14), 14, '0'),
            '%%Y%%m%%d%%H%%i%%s', 'Asia/Shanghai') AS modified
    FROM ods.warehouse
    WHERE plan_id IN %(plan_ids)s AND (plan_id, attempt) IN %(plans)s
)
