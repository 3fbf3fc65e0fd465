-- Where in the marts the orders in touched count, also as they stood before they were last written.
SELECT biz_day AS day, shop_id, biz_hour AS hour, sku_id, i_id
FROM dws.dws_sale_out
WHERE (key_time, io_id) IN
    (
        SELECT key_time, io_id FROM dwd.dwd_sale_out WHERE io_id IN (SELECT key FROM touched)
    )
    AND biz_day > toDate(0)
