-- Where in the marts the after-sales in touched count, also as they stood before they were last written: when they were
-- created and when they were refunded.
SELECT place.1 AS day, shop_id, place.2 AS hour, sku_id, i_id
FROM
(
    SELECT
        key_time, as_id, shop_id, sku_id, i_id,
        arrayJoin([
            (biz_day, biz_hour),
            (ifNull(toDate(refund_date), toDate(0)), ifNull(toHour(refund_date), 0))
        ]) AS place
    FROM dws.dws_after_sale
    WHERE (key_time, as_id) IN
        (
            SELECT key_time, as_id FROM dwd.dwd_after_sale WHERE as_id IN (SELECT key FROM touched)
        )
)
WHERE day > toDate(0)
