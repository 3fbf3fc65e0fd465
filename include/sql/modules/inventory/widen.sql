-- Brings dws.dws_inventory to what DWD says for the SKUs in touched, with today's labels and prices.
INSERT INTO dws.dws_inventory
(
    sku_id, wms_co_id, warehouse_name, warehouse_province, i_id, sku_name, category, brand, enabled, qty, order_lock,
    pick_lock, available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, in_qty, defective_qty, min_qty,
    max_qty, safety_qty, cost_price, sale_price, stock_value, is_abnormal, modified, fetched_at, version, is_deleted
)
SELECT
    stock.sku_id, stock.wms_co_id, house.warehouse_name,
    house.province, -- warehouse_province
    if(sku.i_id != '', sku.i_id, stock.i_id), -- i_id
    if(sku.name != '', sku.name, stock.name), -- sku_name
    sku.category, sku.brand,
    sku.enabled,
    ifNull(stock.qty, 0) AS on_hand, -- qty
    ifNull(stock.order_lock, 0) AS locked, -- order_lock
    stock.pick_lock,
    greatest(0, on_hand - locked), -- available_qty
    greatest(0, locked - on_hand), -- oversold_qty
    stock.virtual_qty, stock.purchase_qty, stock.return_qty, stock.in_qty, stock.defective_qty,
    stock.min_qty, stock.max_qty,
    stock.min_qty, -- safety_qty
    ${include shared/as_money number=sku.cost_price} AS cost, -- cost_price
    ${include shared/as_money number=sku.sale_price}, -- sale_price
    ${include shared/as_money number=toDecimal128(on_hand, 4) * cost}, -- stock_value
    on_hand < 0, -- is_abnormal
    stock.modified, stock.fetched_at, stock.version,
    0 -- is_deleted
FROM dwd.dwd_inventory AS stock FINAL
LEFT JOIN
(
    ${include shared/skus_meant codes=SELECT key AS code FROM touched}
) AS sku ON sku.code = stock.sku_id
LEFT JOIN (SELECT wms_co_id AS id, warehouse_name, province FROM dim.dim_warehouse FINAL) AS house
    ON house.id = stock.wms_co_id
WHERE stock.sku_id IN (SELECT key FROM touched)
