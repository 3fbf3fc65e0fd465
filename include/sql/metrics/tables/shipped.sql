-- What left the warehouse, whenever.
SELECT
    biz_day AS day, biz_hour AS hour, shop_id, shop_name, platform, sku_id, i_id, sku_name, category, wms_co_id,
    warehouse_name, io_id, io_number, line_id, o_id, qty, out_amount, gmv, discount_amount, paid_amount, freight_amount, platform_fee,
    created, pay_date, io_date
FROM dws.dws_sale_out FINAL
WHERE ${include shared/counts_as_shipped}
