-- ods.inventory -> dwd.dwd_inventory for the records in touched: their key and where each lies in Kafka. What is not of
-- the kind that is read (totals, or warehouses) was read before that changed, and is left out.
INSERT INTO dwd.dwd_inventory
(
    sku_id, wms_co_id, i_id, name, qty, order_lock, pick_lock, virtual_qty, purchase_qty, return_qty, in_qty,
    defective_qty, allocate_qty, sale_refund_qty, lock_qty, min_qty, max_qty, modified, ts,
    plan_id, attempt, ticket, fetched_at, version
)
SELECT
    r['sku_id'],
    -- What names no warehouse is the total over all of them.
    toInt64OrZero(r['wms_co_id']) AS branch, -- wms_co_id
    r['i_id'], r['name'],
    numbers[1], -- qty
    numbers[2], -- order_lock
    numbers[3], -- pick_lock
    numbers[4], -- virtual_qty
    numbers[5], -- purchase_qty
    numbers[6], -- return_qty
    numbers[7], -- in_qty
    numbers[8], -- defective_qty
    numbers[9], -- allocate_qty
    numbers[10], -- sale_refund_qty
    numbers[11], -- lock_qty
    numbers[12], -- min_qty
    numbers[13], -- max_qty
    if(toYear(stamp) >= 2000, stamp, NULL) AS modified,
    toUInt64OrNull(r['ts']) AS ts,
    plan_id, attempt, ticket, fetched_at,
    ${include shared/version modified=stamp ts=ts ticket=ticket fetched_at=fetched_at} -- version
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at, JSONExtract(body, 'Map(String, String)') AS r,
        arrayMap(
            name -> ${include shared/decimal_of_text text=r[name] decimals=4},
            ['qty', 'order_lock', 'pick_lock', 'virtual_qty', 'purchase_qty', 'return_qty', 'in_qty', 'defective_qty',
             'allocate_qty', 'sale_refund_qty', 'lock_qty', 'min_qty', 'max_qty']) AS numbers,
        trimBoth(r['modified']) AS said,
        ${include shared/source_time text=said} AS stamp
    FROM ods.inventory
    WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
)
WHERE ${include shared/stock_kind kinds=${read} branch=branch}
