sumOrNull(stock_value)
