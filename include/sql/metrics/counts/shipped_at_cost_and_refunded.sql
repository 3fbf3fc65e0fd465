${include shared/distinct_sale_outs} AS out_orders,
uniqExactIf(as_id, as_id != '') AS refund_orders
