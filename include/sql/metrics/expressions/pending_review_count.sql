uniqExactIf(as_id, status = '待审核')
