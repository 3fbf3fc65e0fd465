sum(qty)
