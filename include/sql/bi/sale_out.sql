-- What left the warehouse, a row per line. What has no date of leaving is in no metric of any day.
SELECT * REPLACE
(
    nullIf(o_id, '') AS o_id,
    nullIf(so_id, '') AS so_id,
    nullIf(sku_id, '') AS sku_id,
    nullIf(i_id, '') AS i_id
),
    nullIf(io_number, 0) AS order_number,
    if(io_number = 0, io_id, NULL) AS order_without_number
FROM dws.dws_sale_out FINAL
WHERE ${include shared/counts_as_shipped}
    AND biz_day > toDate(0)
