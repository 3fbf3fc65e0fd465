uniqExact(io_id) AS out_orders
