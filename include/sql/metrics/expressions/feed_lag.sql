toDecimal64(max(lag_seconds), 4)
