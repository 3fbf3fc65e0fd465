sum(freight_amount)
