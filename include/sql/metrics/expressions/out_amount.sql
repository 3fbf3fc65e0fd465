sum(out_amount)
