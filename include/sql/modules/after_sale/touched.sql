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
    WHERE ${include shared/sort_keys_of_touched module=after_sale key=as_id among=touched}
)
WHERE day > toDate(0)
