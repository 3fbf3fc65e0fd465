uniqExactIf(io_id, io_id != '') AS out_orders,
uniqExactIf(as_id, as_id != '') AS refund_orders
