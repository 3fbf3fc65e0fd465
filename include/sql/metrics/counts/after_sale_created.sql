uniqExact(as_id) AS after_sales,
uniqExactIf(as_id, is_quality) AS quality_issues,
uniqExactIf(as_id, type IN %(return_refund_types)s) AS return_refunds,
uniqExactIf(as_id, type = '仅退款') AS refund_onlys,
uniqExactIf(as_id, type = '换货') AS exchanges
