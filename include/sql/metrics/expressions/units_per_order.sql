ratio(sum(qty), out_orders)
