-- Orders behind a row of a panel, to be looked up in the ERP by number: what was shipped, the latest first.
SELECT
    io_id, any(o_id) AS o_id, any(shop_id) AS shop_id, any(shop_name) AS shop_name, max(io_date) AS io_date,
    sum(qty) AS out_qty, sum(out_amount) AS out_amount, ${include boards/seen} AS seen
FROM
(
    SELECT *
    FROM (${include metrics/tables/shipped})
    WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
    ${kept}
)
GROUP BY io_id
ORDER BY io_date DESC, io_id
LIMIT ${top}
