sumOrNull(defective_qty)
