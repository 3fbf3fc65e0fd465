sumOrNull(available_qty)
