-- An order has one shop and one hour, so its counts may be added.
sum(out_order_count) AS out_orders,
sum(refund_order_count) AS refund_orders,
sum(after_sale_count) AS after_sales
