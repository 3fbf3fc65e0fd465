-- The wide table changes over to the kind that is read: what it has of the other one is deleted, and all there is of this
-- one is shown. One insert, so that no reader sees both kinds, or neither.
INSERT INTO dws.dws_inventory
(
    sku_id, wms_co_id, warehouse_name, warehouse_province, i_id, sku_name, category, brand, enabled, qty, order_lock,
    pick_lock, available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, in_qty, defective_qty, min_qty,
    max_qty, safety_qty, cost_price, sale_price, stock_value, is_abnormal, modified, fetched_at, version, is_deleted
)
SELECT
    sku_id, wms_co_id, warehouse_name, warehouse_province, i_id, sku_name, category, brand, enabled, qty, order_lock,
    pick_lock, available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, in_qty, defective_qty, min_qty,
    max_qty, safety_qty, cost_price, sale_price, stock_value, is_abnormal, modified, fetched_at, version,
    1 -- is_deleted
FROM dws.dws_inventory FINAL
WHERE NOT (${include shared/stock_kind kinds=${read} branch=wms_co_id})
UNION ALL
${include shared/widened_stock
    kinds=${read}
    codes=SELECT DISTINCT sku_id AS code FROM dwd.dwd_inventory
    chosen=1}
