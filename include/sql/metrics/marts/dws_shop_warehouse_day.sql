SELECT
    biz_day AS day, shop_id, platform, wms_co_id, out_order_count, out_qty AS qty, out_amount, gmv, discount_amount,
    paid_amount, freight_amount, platform_fee
FROM dws.dws_shop_warehouse_day FINAL
WHERE biz_day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
