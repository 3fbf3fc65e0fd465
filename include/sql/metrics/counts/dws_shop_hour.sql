-- An order has one shop and one hour, so its counts may be added.
sum(out_order_count) AS out_orders,
sum(refund_order_count) AS refund_orders,
sum(after_sale_count) AS after_sales,
sum(quality_issue_count) AS quality_issues,
sum(return_refund_count) AS return_refunds,
sum(refund_only_count) AS refund_onlys,
sum(exchange_count) AS exchanges,
sum(handled_count) AS handled,
sum(handle_seconds) AS seconds_to_refund,
sum(lead_order_count) AS orders_led,
sum(lead_seconds) AS seconds_to_ship
