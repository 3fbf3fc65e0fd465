-- Brings dws.dws_inventory to what DWD says for the records in touched (of a SKU alone: for all its rows), with today's
-- labels and prices, where it shows their kind.
INSERT INTO dws.dws_inventory
(
    sku_id, wms_co_id, warehouse_name, warehouse_province, i_id, sku_name, category, brand, enabled, qty, order_lock,
    pick_lock, available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, in_qty, defective_qty, min_qty,
    max_qty, safety_qty, cost_price, sale_price, stock_value, is_abnormal, modified, fetched_at, version, is_deleted
)
${include shared/widened_stock
    kinds=${shown}
    codes=SELECT arrayJoin([key, replaceRegexpOne(key, '@[0-9]+\\z', '')]) AS code FROM touched
    chosen=stock.sku_id IN (SELECT arrayJoin([key, replaceRegexpOne(key, '@[0-9]+\\z', '')]) FROM touched)
        AND (stock.sku_id IN (SELECT key FROM touched)
            OR concat(stock.sku_id, '@', toString(stock.wms_co_id)) IN (SELECT key FROM touched))}
