-- Orders of several SKUs count once: the mart keeps the orders themselves. A SKU that only came back was not sold.
uniqExactMerge(out_states) AS out_orders,
uniqExactMerge(refund_states) AS refund_orders,
uniqExactIf(sku_id, sku_id != '' AND out_order_count > 0) AS sold_skus
