ratio(sum(qty), uniqExact(io_id))
