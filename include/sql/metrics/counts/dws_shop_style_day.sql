-- Of one style an order counts on one day and in one shop; over styles these must not be added.
sum(out_order_count) AS out_orders,
sum(refund_order_count) AS refund_orders,
sum(after_sale_count) AS after_sales,
sum(quality_issue_count) AS quality_issues
