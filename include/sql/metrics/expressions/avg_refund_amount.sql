ratio(sum(refund_amount), uniqExact(as_id))
