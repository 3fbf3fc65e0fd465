sumOrNull(qty)
