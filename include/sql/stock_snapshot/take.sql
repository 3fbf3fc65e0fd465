-- The stock as it stands becomes the stock of a day. One insert of one day is one part: seen whole or not at all.
INSERT INTO dws.dws_inventory_day
(
    day, sku_id, wms_co_id, warehouse_name, i_id, sku_name, category, brand, qty, order_lock, pick_lock, available_qty,
    oversold_qty, virtual_qty, purchase_qty, return_qty, in_qty, defective_qty, min_qty, max_qty, safety_qty,
    cost_price, stock_value, is_abnormal, taken_at, version, is_deleted
)
SELECT
    toDate(%(day)s), -- day
    sku_id, wms_co_id, warehouse_name, i_id, sku_name, category, brand, qty, order_lock, pick_lock,
    available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, in_qty, defective_qty, min_qty, max_qty,
    safety_qty, cost_price, stock_value, is_abnormal,
    fromUnixTimestamp(%(taken)s), -- taken_at
    -- What is stored first stays: a second snapshot of the day, should two be taken at once, has the lower version.
    toUInt64(4294967295 - %(taken)s), -- version
    0 -- is_deleted
FROM dws.dws_inventory FINAL
