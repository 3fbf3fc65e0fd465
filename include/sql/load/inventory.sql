-- ods.inventory -> dwd.dwd_inventory for the batches in %(plans)s.
INSERT INTO dwd.dwd_inventory
(
    sku_id, wms_co_id, i_id, name, qty, order_lock, pick_lock, virtual_qty, purchase_qty, return_qty, in_qty,
    defective_qty, allocate_qty, sale_refund_qty, lock_qty, min_qty, max_qty, modified, ts,
    plan_id, attempt, ticket, fetched_at, version
)
SELECT
    -- What names no warehouse is the total over all of them.
    key, ifNull(toInt64(numbers[14]), 0), r.i_id, r.name,
    numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7], numbers[8], numbers[9],
    numbers[10], numbers[11], numbers[12], numbers[13],
    if(toYear(stamp) >= 2000, stamp, NULL) AS modified,
    toUInt64OrNull(r.ts) AS ts,
    plan_id, attempt, ticket, fetched_at,
    bitShiftLeft(toUInt64(toUnixTimestamp(stamp)), 32) + bitAnd(ifNull(ts, ticket), 0xFFFFFFFF)
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at,
        JSONExtract(body, 'Tuple(
            wms_co_id String, i_id String, name String, qty String, order_lock String, pick_lock String,
            virtual_qty String, purchase_qty String, return_qty String, in_qty String, defective_qty String,
            allocate_qty String, sale_refund_qty String, lock_qty String, min_qty String, max_qty String,
            modified String, ts String)') AS r,
        -- Text of the source to numbers, rounded half up; what is empty is NULL.
        arrayMap(
            t -> accurateCastOrNull(round(toDecimal128OrNull(trimBoth(t), 10), 4), 'Decimal(18, 4)'),
            [r.qty, r.order_lock, r.pick_lock, r.virtual_qty, r.purchase_qty, r.return_qty, r.in_qty, r.defective_qty,
             r.allocate_qty, r.sale_refund_qty, r.lock_qty, r.min_qty, r.max_qty, r.wms_co_id]) AS numbers,
        -- Only the digits of a time count, as in sale_out.sql.
        parseDateTimeOrZero(
            rightPad(left(replaceRegexpAll(r.modified, '[^0-9]', ''), 14), 14, '0'),
            '%%Y%%m%%d%%H%%i%%s', 'Asia/Shanghai') AS stamp
    FROM ods.inventory
    WHERE plan_id IN %(plan_ids)s AND (plan_id, attempt) IN %(plans)s
)
