-- Days and shops whose marts do not add up to what the wide tables say: the same sums counted from the wide tables and
-- from every mart must be one.
WITH
    -- a mart without after-sales is compared as if it had theirs
    ['wide', 'dws_shop_warehouse_day'] AS beside
SELECT day, shop_id
FROM
(
    SELECT
        source, day, shop_id,
        tuple(sum(out_qty), sum(out_amount), sum(paid_amount), sum(refund_amount), sum(return_qty)) AS sums
    FROM
    (
        SELECT 'wide' AS source, biz_day AS day, shop_id, qty AS out_qty, out_amount, paid_amount,
            toDecimal64(0, 2) AS refund_amount, toDecimal64(0, 4) AS return_qty
        FROM dws.dws_sale_out FINAL
        WHERE ${include shared/counts_as_shipped}
        UNION ALL
        SELECT arrayJoin(beside), toDate(refund_date), shop_id, 0, 0, 0, refund_amount, 0
        FROM dws.dws_after_sale FINAL
        WHERE ${include shared/counts_as_after_sale} AND refund_date IS NOT NULL
        UNION ALL
        SELECT arrayJoin(beside), biz_day, shop_id, 0, 0, 0, 0, return_qty
        FROM dws.dws_after_sale FINAL
        WHERE ${include shared/counts_as_after_sale}
        UNION ALL
        SELECT 'dws_shop_hour', biz_day, shop_id, out_qty, out_amount, paid_amount, refund_amount, return_qty
        FROM dws.dws_shop_hour FINAL
        UNION ALL
        SELECT 'dws_shop_style_day', biz_day, shop_id, out_qty, out_amount, paid_amount, refund_amount, return_qty
        FROM dws.dws_shop_style_day FINAL
        UNION ALL
        SELECT 'dws_shop_sku_day', biz_day, shop_id, out_qty, out_amount, paid_amount, refund_amount, return_qty
        FROM dws.dws_shop_sku_day FINAL
        UNION ALL
        SELECT 'dws_shop_warehouse_day', biz_day, shop_id, out_qty, out_amount, paid_amount, 0, 0
        FROM dws.dws_shop_warehouse_day FINAL
    )
    WHERE day > toDate(0)
    GROUP BY source, day, shop_id
)
GROUP BY day, shop_id
HAVING count() < 5 OR min(sums) != max(sums)
UNION ALL
-- The margin's sales and refunds are those of the hours.
SELECT day, shop_id
FROM
(
    SELECT biz_day AS day, shop_id, out_amount, platform_fee, refund_amount
    FROM dws.dws_shop_hour FINAL
    UNION ALL
    SELECT biz_day, shop_id, -out_amount, -platform_fee, -refund_amount
    FROM dws.dws_shop_margin_day FINAL
)
GROUP BY day, shop_id
HAVING sum(out_amount) != 0 OR sum(platform_fee) != 0 OR sum(refund_amount) != 0
UNION ALL
-- The week is made anew whenever a day of it is: it is told as its last day.
SELECT week.as_of_day, shop_id
FROM
(
    SELECT shop_id, max(as_of_day) AS as_of_day, sum(out_order_count) AS orders, sum(refund_order_count) AS refunds
    FROM dws.dws_shop_style_week FINAL
    GROUP BY shop_id
) AS week
FULL OUTER JOIN
(
    SELECT shop_id, sum(out_order_count) AS orders, sum(refund_order_count) AS refunds
    FROM dws.dws_shop_style_day FINAL
    WHERE dateDiff('day', biz_day, (SELECT max(as_of_day) FROM dws.dws_shop_style_week FINAL)) BETWEEN 0 AND 7
    GROUP BY shop_id
) AS days USING (shop_id)
WHERE (week.orders, week.refunds) != (days.orders, days.refunds)
