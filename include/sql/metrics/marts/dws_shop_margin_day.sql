SELECT
    biz_day AS day, shop_id, platform, out_order_count, out_amount, known_amount, cost_amount, platform_fee,
    refund_order_count, refund_amount
FROM dws.dws_shop_margin_day FINAL
WHERE biz_day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
