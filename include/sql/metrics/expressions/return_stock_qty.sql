sumOrNull(return_qty)
