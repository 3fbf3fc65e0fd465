-- Brings one day of dws.dws_shop_margin_day, or the shops of it that are touched, to what the wide tables and the kept
-- costs say. Only rows that differ are written; one that counts nothing any more is written as deleted.
INSERT INTO dws.dws_shop_margin_day
(
    biz_day, shop_id, shop_name, platform, out_order_count, out_amount, known_amount, cost_amount, platform_fee,
    refund_order_count, refund_amount, digest, version, is_deleted
)
WITH
${include marts/lines},
costs AS
(
${include metrics/tables/costs}
)
SELECT
    toDate(%(day)s), -- biz_day
    shop_id,
    shop, -- shop_name
    shops_platform, -- platform
    out_orders, -- out_order_count
    amount, -- out_amount
    known, -- known_amount
    cost, -- cost_amount
    fee, -- platform_fee
    refund_orders, -- refund_order_count
    refunds, -- refund_amount
    counted.digest,
    %(version)s, -- version
    counted.digest = 0 -- is_deleted
FROM
(
    SELECT
        shop_id,
        max(shop_name) AS shop,
        max(platform) AS shops_platform,
        ${include shared/distinct_sale_outs} AS out_orders,
        sum(out_amount) AS amount,
        sumIf(out_amount, cost_price IS NOT NULL) AS known,
        sum(${include shared/as_money number=toDecimal128(out_qty, 4) * cost_price}) AS cost,
        sum(platform_fee) AS fee,
        uniqExactIf(refund_id, refund_id != '') AS refund_orders,
        sum(refund_amount) AS refunds,
        cityHash64(
            shop, shops_platform, out_orders, amount, known, cost, fee, refund_orders, refunds) AS digest
    FROM lines
    LEFT JOIN
    (
        SELECT io_id AS of, line_id AS place, sku_id AS code, cost_price
        FROM costs
        WHERE of IN
        (
            SELECT io_id
            FROM shipped
            WHERE day = toDate(%(day)s) AND (%(whole)s OR shop_id IN (SELECT shop_id FROM touched))
        )
    ) AS kept ON kept.of = lines.io_id AND kept.place = lines.line_id AND kept.code = lines.sku_id
    WHERE (io_id != '' OR refund_id != '') AND (%(whole)s OR shop_id IN (SELECT shop_id FROM touched))
    GROUP BY shop_id
) AS counted
FULL OUTER JOIN
(
    SELECT shop_id, digest
    FROM dws.dws_shop_margin_day FINAL
    WHERE biz_day = toDate(%(day)s) AND (%(whole)s OR shop_id IN (SELECT shop_id FROM touched))
) AS stored USING (shop_id)
WHERE counted.digest != stored.digest
