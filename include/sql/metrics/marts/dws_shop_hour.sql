SELECT
    biz_day AS day, biz_hour AS hour, shop_id, platform, out_order_count, out_qty AS qty, out_amount, gmv, discount_amount,
    paid_amount, freight_amount, platform_fee, refund_order_count, refund_amount, after_sale_count, return_qty,
    return_refund_count, refund_only_count, exchange_count, quality_issue_count, handled_count, handle_seconds,
    lead_order_count, lead_seconds
FROM dws.dws_shop_hour FINAL
WHERE biz_day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
