ratio(sum(paid_amount), out_orders)
