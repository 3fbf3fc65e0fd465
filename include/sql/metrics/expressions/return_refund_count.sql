uniqExactIf(as_id, type IN %(return_refund_types)s)
