sumOrNull(safety)
