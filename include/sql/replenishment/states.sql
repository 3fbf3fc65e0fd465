-- Stock now, a row per SKU and warehouse (wms_co_id 0: the source gives totals only), in the order of SkuState. A source
-- that does not say whether a SKU is on sale means that it is.
SELECT
    stock.sku_id, stock.wms_co_id, toFloat64(stock.qty), toFloat64(stock.order_lock),
    toFloat64(ifNull(stock.purchase_qty, 0)),
    toFloat64(stock.min_qty), toFloat64(stock.max_qty),
    nullIf(stock.cost_price, 0), nullIf(stock.sale_price, 0),
    stock.sku_name, stock.warehouse_name, stock.i_id, stock.category,
    toDate(sku.created), toBool(ifNull(stock.enabled, 1) = 1)
FROM dws.dws_inventory AS stock FINAL
LEFT JOIN (SELECT sku_id, created FROM dim.dim_sku FINAL) AS sku ON sku.sku_id = stock.sku_id
WHERE stock.sku_id != ''
ORDER BY stock.sku_id, stock.wms_co_id
