-- What was shipped in the period beside what was refunded in it, each by its own time. Nothing is joined: a shop that
-- only sold and one that only paid back are both there.
SELECT
    shop_id, platform, sku_id, i_id, category, day, io_id, io_number, out_amount, paid_amount,
    platform_fee, '' AS as_id, 0 AS refund_amount
FROM shipped
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
UNION ALL
SELECT
    shop_id, platform, sku_id, i_id, category, toDate(refund_date) AS day, '', 0, 0, 0, 0,
    as_id, refund_amount
FROM after_sales
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
