-- After-sales behind a row of a panel, to be looked up in the ERP by number: what was refunded, the latest first.
SELECT
    as_id, any(o_id) AS o_id, any(shop_id) AS shop_id, any(shop_name) AS shop_name, any(type) AS type,
    max(refund_date) AS refund_date, sum(return_qty) AS return_qty, sum(refund_amount) AS refund_amount,
    ${include boards/seen} AS seen
FROM
(
    SELECT *
    FROM (SELECT *, toDate(refund_date) AS day, toHour(refund_date) AS hour FROM (${include metrics/tables/after_sales}))
    WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
    ${kept}
)
GROUP BY as_id
ORDER BY refund_date DESC, as_id
LIMIT ${top}
