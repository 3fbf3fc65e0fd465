-- Brings dws.dws_inventory to what DWD says for the SKUs in touched, with today's labels and prices.
INSERT INTO dws.dws_inventory
(
    sku_id, wms_co_id, warehouse_name, warehouse_province, i_id, sku_name, category, brand, enabled, qty, order_lock,
    pick_lock, available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, in_qty, defective_qty, min_qty,
    max_qty, safety_qty, cost_price, sale_price, stock_value, is_abnormal, modified, fetched_at, version, is_deleted
)
WITH d -> ifNull(accurateCastOrNull(round(d, 2), 'Decimal(18, 2)'), 0) AS as_money
SELECT
    stock.sku_id, stock.wms_co_id, house.warehouse_name, house.province,
    if(sku.i_id != '', sku.i_id, stock.i_id), if(sku.name != '', sku.name, stock.name), sku.category, sku.brand,
    sku.enabled,
    ifNull(stock.qty, 0) AS on_hand, ifNull(stock.order_lock, 0) AS locked, stock.pick_lock,
    greatest(0, on_hand - locked), greatest(0, locked - on_hand),
    stock.virtual_qty, stock.purchase_qty, stock.return_qty, stock.in_qty, stock.defective_qty,
    stock.min_qty, stock.max_qty, stock.min_qty,
    as_money(sku.cost_price) AS cost, as_money(sku.sale_price), as_money(toDecimal128(on_hand, 4) * cost),
    on_hand < 0, stock.modified, stock.fetched_at, stock.version, 0
FROM dwd.dwd_inventory AS stock FINAL
LEFT JOIN
(
    SELECT sku_id, i_id, name, category, brand, enabled, cost_price, sale_price
    FROM dim.dim_sku FINAL
    WHERE sku_id IN (SELECT key FROM touched)
) AS sku ON sku.sku_id = stock.sku_id
LEFT JOIN (SELECT wms_co_id AS id, warehouse_name, province FROM dim.dim_warehouse FINAL) AS house
    ON house.id = stock.wms_co_id
WHERE stock.sku_id IN (SELECT key FROM touched)
