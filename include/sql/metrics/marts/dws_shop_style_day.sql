SELECT
    biz_day AS day, shop_id, platform, i_id, out_order_count, out_qty AS qty, out_amount, paid_amount,
    refund_order_count, refund_amount, after_sale_count, quality_issue_count, return_qty
FROM dws.dws_shop_style_day FINAL
WHERE biz_day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
