-- Stock of today, as it is.
SELECT
    toDate(toDateTime(%(as_of)s, 'Asia/Shanghai')) AS day, sku_id, i_id, category, wms_co_id, qty, order_lock,
    pick_lock, available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, defective_qty, min_qty, safety_qty,
    stock_value, is_abnormal, ifNull(enabled = 1, 0) AS is_enabled
FROM dws.dws_inventory FINAL
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
