-- After-sales by the day they were made on, a row per line, refunded or not.
SELECT * REPLACE
(
    nullIf(io_id, '') AS io_id,
    nullIf(o_id, '') AS o_id,
    nullIf(so_id, '') AS so_id,
    nullIf(sku_id, '') AS sku_id,
    nullIf(i_id, '') AS i_id
)
FROM dws.dws_after_sale FINAL
WHERE ${include shared/counts_as_after_sale}
    AND biz_day > toDate(0)
