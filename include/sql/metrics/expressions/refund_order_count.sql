uniqExact(as_id)
