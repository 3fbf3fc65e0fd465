ratio(uniqExactIf(as_id, is_quality), uniqExact(as_id))
