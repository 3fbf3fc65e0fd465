sumOrNull(virtual_qty)
