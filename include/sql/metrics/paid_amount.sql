sum(paid_amount)
