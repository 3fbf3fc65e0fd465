uniqExactIf(as_id, type = '换货')
