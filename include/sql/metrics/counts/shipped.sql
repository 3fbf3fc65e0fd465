${include shared/distinct_sale_outs} AS out_orders,
uniqExactIf(sku_id, sku_id != '') AS sold_skus
