SELECT
    biz_day AS day, shop_id, platform, sku_id, i_id, category, out_qty AS qty, out_amount, gmv, discount_amount,
    paid_amount, freight_amount, platform_fee, refund_amount, out_order_count,
    refund_order_count
FROM dws.dws_shop_sku_day FINAL
WHERE biz_day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
