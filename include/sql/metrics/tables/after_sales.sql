-- After-sales, whenever.
SELECT
    shop_id, shop_name, platform, sku_id, i_id, sku_name, category, as_id,
    ${include shared/id of=io_id} AS io_id, ${include shared/id of=o_id} AS o_id,
    type, status, is_quality, return_qty, refund_amount, created, refund_date, biz_day, biz_hour
FROM dws.dws_after_sale FINAL
WHERE ${include shared/counts_as_after_sale}
