-- What shipped lines cost when they were first counted; NULL where that is unknown.
SELECT io_id, line_id, sku_id, cost_price
FROM dwd.dwd_line_cost FINAL
