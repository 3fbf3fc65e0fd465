sum(return_qty)
