uniqExact(io_id)
