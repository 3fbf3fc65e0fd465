-- Every SKU once per cut: its stock at the end of a day, and what was shipped in the seven complete days before. For
-- today the last of these is yesterday, for a past day it is the day itself.
WITH toDate(toDateTime(%(as_of)s, 'Asia/Shanghai')) AS today
SELECT
    ${cuts}sku_id AS sku,
    sum(stock_rows) AS seen,
    sum(in_stock) AS closing,
    sum(shipped_qty) AS sold,
    sum(shipped_rows) AS sales,
    max(least(7, greatest(1, ifNull(day - (day = today) - toDate(made.created) + 1, 7)))) AS days_on_sale
FROM
(
    SELECT
        day, sku_id, i_id, category, wms_co_id, 1 AS stock_rows, if(is_abnormal, 0, qty) AS in_stock,
        0 AS shipped_qty, 0 AS shipped_rows
    FROM stock
    UNION ALL
    SELECT week_of, sku_id, i_id, category, wms_co_id, 0, 0, qty, 1
    FROM
    (
        SELECT *, day + n AS week_of, n
        FROM shipped
        ARRAY JOIN range(8) AS n
        WHERE day BETWEEN toDate(%(first)s) - 7 AND toDate(%(last)s)
    )
    WHERE week_of BETWEEN toDate(%(first)s) AND toDate(%(last)s)
        AND n BETWEEN (week_of = today) AND 6 + (week_of = today)
) AS moved
LEFT JOIN (SELECT sku_id AS id, created FROM dim.dim_sku FINAL) AS made ON made.id = moved.sku_id
GROUP BY ${cuts}sku
