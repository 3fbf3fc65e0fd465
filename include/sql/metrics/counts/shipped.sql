uniqExact(io_id) AS out_orders,
uniqExactIf(sku_id, sku_id != '') AS sold_skus
