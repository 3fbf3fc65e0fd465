countIf(is_incomplete)
