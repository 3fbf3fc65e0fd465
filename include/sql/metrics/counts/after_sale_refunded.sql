uniqExact(as_id) AS refund_orders
