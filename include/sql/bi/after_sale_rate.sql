-- What was shipped above what was refunded, each by its own day. Nothing is joined: every cut is right, and a shop that
-- only sold and one that only paid back are both there. Of each row one of the two orders is NULL, so that a distinct
-- count of either is that of its side.
SELECT
    shop_id, shop_name, platform, nullIf(sku_id, '') AS sku_id, nullIf(i_id, '') AS i_id, sku_name, category,
    toNullable(biz_day) AS day, toNullable(io_id) AS io_id, nullIf(io_number, 0) AS order_number,
    if(io_number = 0, io_id, NULL) AS order_without_number, CAST(NULL, 'Nullable(String)') AS as_id,
    out_amount, toDecimal64(0, 2) AS refund_amount
FROM dws.dws_sale_out FINAL
WHERE ${include shared/counts_as_shipped}
    AND biz_day > toDate(0)
UNION ALL
SELECT
    shop_id, shop_name, platform, nullIf(sku_id, ''), nullIf(i_id, ''), sku_name, category,
    toDate(refund_date), NULL, NULL, NULL, toNullable(as_id),
    toDecimal64(0, 2), refund_amount
FROM dws.dws_after_sale FINAL
WHERE ${include shared/counts_as_after_sale}
    AND refund_date IS NOT NULL
