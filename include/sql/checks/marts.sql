-- Days of which a mart does not say what the wide tables say. Days that were changed a moment ago are left out: their
-- marts follow within seconds.
SELECT concat(toString(day), ' 店铺 ', toString(shop_id)) AS what
FROM
(
${include marts/days_that_differ}
)
WHERE day NOT IN
(
    SELECT biz_day FROM dws.dws_sale_out WHERE fetched_at > now() - 300
    UNION ALL
    SELECT arrayJoin([biz_day, ifNull(toDate(refund_date), biz_day)]) FROM dws.dws_after_sale
    WHERE fetched_at > now() - 300
)
