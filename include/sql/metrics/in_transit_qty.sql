sumOrNull(purchase_qty)
