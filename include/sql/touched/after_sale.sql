-- Business days on which the after-sales in touched count, also as they stood before they were last written.
SELECT DISTINCT arrayJoin([biz_day, ifNull(toDate(refund_date), toDate(0))]) AS day
FROM dws.dws_after_sale
WHERE (key_time, as_id) IN
    (
        SELECT key_time, as_id FROM dwd.dwd_after_sale WHERE as_id IN (SELECT key FROM touched)
    )
    AND day > toDate(0)
