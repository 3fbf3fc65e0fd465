-- Where in the marts the orders in touched count, also as they stood before they were last written.
SELECT biz_day AS day, shop_id, biz_hour AS hour, sku_id, i_id
FROM dws.dws_sale_out
WHERE ${include shared/sort_keys_of_touched module=sale_out key=io_id among=touched}
    AND biz_day > toDate(0)
