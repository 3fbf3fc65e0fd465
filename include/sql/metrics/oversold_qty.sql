sumOrNull(oversold)
