-- ods.inventory -> dwd.dwd_inventory for the records in touched: their key and where each lies in Kafka.
INSERT INTO dwd.dwd_inventory
(
    sku_id, wms_co_id, i_id, name, qty, order_lock, pick_lock, virtual_qty, purchase_qty, return_qty, in_qty,
    defective_qty, allocate_qty, sale_refund_qty, lock_qty, min_qty, max_qty, modified, ts,
    plan_id, attempt, ticket, fetched_at, version
)
SELECT
    -- What names no warehouse is the total over all of them.
    key, toInt64OrZero(r['wms_co_id']), r['i_id'], r['name'],
    numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7], numbers[8], numbers[9],
    numbers[10], numbers[11], numbers[12], numbers[13],
    if(toYear(stamp) >= 2000, stamp, NULL) AS modified,
    toUInt64OrNull(r['ts']) AS ts,
    plan_id, attempt, ticket, fetched_at,
    bitShiftLeft(toUInt64(toUnixTimestamp(stamp)), 32) + bitAnd(ifNull(ts, ticket), 0xFFFFFFFF)
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at, JSONExtract(body, 'Map(String, String)') AS r,
        -- Text of the source to numbers, rounded half up; what is empty is NULL.
        arrayMap(
            name -> accurateCastOrNull(round(toDecimal128OrNull(trimBoth(r[name]), 10), 4), 'Decimal(18, 4)'),
            ['qty', 'order_lock', 'pick_lock', 'virtual_qty', 'purchase_qty', 'return_qty', 'in_qty', 'defective_qty',
             'allocate_qty', 'sale_refund_qty', 'lock_qty', 'min_qty', 'max_qty']) AS numbers,
        -- Times in all spellings, as in sale_out.sql.
        trimBoth(r['modified']) AS said,
        toDateTimeOrZero(
            concat(left(said, 10), ' ', left(concat(trimLeft(substring(said, 11), ' T'), '00:00:00'), 8)),
            'Asia/Shanghai') AS stamp
    FROM ods.inventory
    WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
)
