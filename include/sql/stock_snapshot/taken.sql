SELECT count(), max(taken_at) FROM dws.dws_inventory_day FINAL WHERE day = toDate(%(day)s)
