-- Brings dws.dws_shop_style_week to what dws.dws_shop_style_day says of its newest day and the seven before: orders of a
-- style count on one day each, so they may be added. Only rows that differ are written.
INSERT INTO dws.dws_shop_style_week
(
    shop_id, i_id, as_of_day, shop_name, platform, style_name, category, out_order_count, out_qty, out_amount,
    refund_order_count, refund_amount, after_sale_count, quality_issue_count, digest, version, is_deleted
)
WITH
    -- A date in the future is the source's mistake and must not move the window. Never NULL: the digest would be too, and
    -- a style nobody buys any more would stay.
    ifNull((SELECT max(biz_day) FROM dws.dws_shop_style_day WHERE biz_day <= toDate(now('Asia/Shanghai'))), toDate(0))
        AS last
SELECT
    shop_id, i_id,
    last, -- as_of_day
    shop, -- shop_name
    shops_platform, -- platform
    name, -- style_name
    class, -- category
    out_orders, -- out_order_count
    qty, -- out_qty
    amount, -- out_amount
    refund_orders, -- refund_order_count
    refunds, -- refund_amount
    opened, -- after_sale_count
    quality_issues, -- quality_issue_count
    counted.digest,
    %(version)s, -- version
    counted.digest = 0 -- is_deleted
FROM
(
    SELECT
        shop_id,
        i_id,
        max(shop_name) AS shop,
        max(platform) AS shops_platform,
        max(style_name) AS name,
        max(category) AS class,
        sum(out_order_count) AS out_orders,
        sum(out_qty) AS qty,
        sum(out_amount) AS amount,
        sum(refund_order_count) AS refund_orders,
        sum(refund_amount) AS refunds,
        sum(after_sale_count) AS opened,
        sum(quality_issue_count) AS quality_issues,
        cityHash64(
            last, shop, shops_platform, name, class, out_orders, qty, amount, refund_orders, refunds, opened,
            quality_issues) AS digest
    FROM dws.dws_shop_style_day FINAL
    WHERE biz_day BETWEEN last - 7 AND last
    GROUP BY shop_id, i_id
) AS counted
FULL OUTER JOIN (SELECT shop_id, i_id, digest FROM dws.dws_shop_style_week FINAL) AS stored USING (shop_id, i_id)
WHERE counted.digest != stored.digest
