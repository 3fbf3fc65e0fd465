-- Rows of the wide table of stock, as DWD and the dimensions say today: of one kind, and of those chosen.
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
    ${include shared/skus_meant codes=${codes}}
) AS sku ON sku.code = stock.sku_id
LEFT JOIN (SELECT wms_co_id AS id, warehouse_name, province FROM dim.dim_warehouse FINAL) AS house
    ON house.id = stock.wms_co_id
WHERE ${include shared/stock_kind kinds=${kinds} branch=stock.wms_co_id}
    AND ${chosen}
