-- What was refunded by the day it was refunded on, a row per line, whenever the after-sale was made.
SELECT
    * REPLACE
    (
        nullIf(io_id, '') AS io_id,
        nullIf(o_id, '') AS o_id,
        nullIf(so_id, '') AS so_id,
        nullIf(sku_id, '') AS sku_id,
        nullIf(i_id, '') AS i_id
    ),
    toDate(refund_date) AS refund_day,
    toHour(refund_date) AS refund_hour
FROM dws.dws_after_sale FINAL
WHERE ${include shared/counts_as_after_sale}
    AND refund_date IS NOT NULL
