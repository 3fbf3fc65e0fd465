ratio(uniqExactIf(as_id, as_id != ''), uniqExactIf(io_id, io_id != ''))
