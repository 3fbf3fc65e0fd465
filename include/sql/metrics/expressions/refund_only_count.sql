uniqExactIf(as_id, type = '仅退款')
