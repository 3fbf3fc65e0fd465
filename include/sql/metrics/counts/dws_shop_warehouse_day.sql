-- An order has one shop, one day and one warehouse.
sum(out_order_count) AS out_orders
