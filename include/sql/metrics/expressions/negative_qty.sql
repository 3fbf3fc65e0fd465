sumOrNull(below_zero)
