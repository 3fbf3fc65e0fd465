-- A SKU that only came back was not sold.
uniqExactIf(sku_id, sku_id != '' AND out_order_count > 0) AS sold_skus
