-- Brings one day of dws.dws_shop_style_day, or what is touched of it, to what the wide tables say. Only rows that differ
-- are written; one that counts nothing any more is written as deleted.
INSERT INTO dws.dws_shop_style_day
(
    biz_day, shop_id, i_id, shop_name, platform, style_name, category, out_order_count, out_qty, out_amount,
    paid_amount, refund_order_count, refund_amount, after_sale_count, quality_issue_count, return_qty,
    digest, version, is_deleted
)
WITH
${include marts/lines}
SELECT
    toDate(%(day)s), -- biz_day
    shop_id, i_id,
    shop, -- shop_name
    shops_platform, -- platform
    name, -- style_name
    class, -- category
    out_orders, -- out_order_count
    qty, -- out_qty
    amount, -- out_amount
    paid, -- paid_amount
    refund_orders, -- refund_order_count
    refunds, -- refund_amount
    opened, -- after_sale_count
    quality_issues, -- quality_issue_count
    returned, -- return_qty
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
        max(sku_name) AS name,
        max(category) AS class,
        ${include shared/distinct_sale_outs} AS out_orders,
        sum(out_qty) AS qty,
        sum(out_amount) AS amount,
        sum(paid_amount) AS paid,
        uniqExactIf(refund_id, refund_id != '') AS refund_orders,
        sum(refund_amount) AS refunds,
        uniqExactIf(as_id, as_id != '') AS opened,
        uniqExactIf(as_id, as_id != '' AND is_quality) AS quality_issues,
        sum(return_qty) AS returned,
        cityHash64(
            shop, shops_platform, name, class, out_orders, qty, amount, paid, refund_orders, refunds, opened,
            quality_issues, returned) AS digest
    FROM lines
    WHERE %(whole)s OR (shop_id, i_id) IN (SELECT shop_id, i_id FROM touched)
    GROUP BY shop_id, i_id
) AS counted
${include marts/that_differ table=dws_shop_style_day among=shop_id, i_id key=i_id column=i_id}
