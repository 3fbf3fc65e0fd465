ratio(sum(paid_amount), uniqExact(io_id))
