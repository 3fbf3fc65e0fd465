sum(discount_amount)
