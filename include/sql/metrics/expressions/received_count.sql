uniqExactIf(as_id, status = '已收货')
