sumOrNull(order_lock)
