ratio(sum(refund_amount), refund_orders)
