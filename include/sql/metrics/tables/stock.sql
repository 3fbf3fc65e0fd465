-- Stock of the days asked for: today as it is, days before as their snapshot says. A day without snapshot is unknown
-- and has no rows.
SELECT
    toDate(toDateTime(%(as_of)s, 'Asia/Shanghai')) AS day, sku_id, i_id, category, wms_co_id, qty, order_lock,
    pick_lock, available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, defective_qty, min_qty, safety_qty,
    stock_value, is_abnormal, ifNull(enabled = 1, 0) AS is_enabled
FROM dws.dws_inventory FINAL
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
UNION ALL
SELECT
    day, sku_id, i_id, category, wms_co_id, qty, order_lock,
    pick_lock, available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, defective_qty, min_qty, safety_qty,
    stock_value, is_abnormal, sku_id IN (SELECT sku_id FROM dim.dim_sku FINAL WHERE enabled = 1)
FROM dws.dws_inventory_day FINAL
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
    AND day < toDate(toDateTime(%(as_of)s, 'Asia/Shanghai'))
