ratio(refund_orders, out_orders)
