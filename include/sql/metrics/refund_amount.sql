sum(refund_amount)
