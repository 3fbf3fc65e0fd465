-- An order has one shop and one day.
sum(out_order_count) AS out_orders,
sum(refund_order_count) AS refund_orders
