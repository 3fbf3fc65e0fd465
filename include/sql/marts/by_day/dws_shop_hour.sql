-- Brings one day of dws.dws_shop_hour, or what is touched of it, to what the wide tables say. Only rows that differ
-- are written; one that counts nothing any more is written as deleted.
INSERT INTO dws.dws_shop_hour
(
    biz_day, shop_id, biz_hour, shop_name, platform, out_order_count, out_qty, out_amount, gmv, discount_amount,
    paid_amount, freight_amount, platform_fee, refund_order_count, refund_amount, after_sale_count, return_qty,
    digest, version, is_deleted
)
WITH
${include marts/lines}
SELECT
    toDate(%(day)s), shop_id, hour, shop, shops_platform, out_orders, qty, amount, goods, discount, paid, freight, fee,
    refund_orders, refunds, opened, returned, counted.digest, %(version)s, counted.digest = 0
FROM
(
    SELECT
        shop_id,
        hour,
        max(shop_name) AS shop,
        max(platform) AS shops_platform,
        uniqExactIf(io_id, io_id != '') AS out_orders,
        sum(out_qty) AS qty,
        sum(out_amount) AS amount,
        sum(gmv) AS goods,
        sum(discount_amount) AS discount,
        sum(paid_amount) AS paid,
        sum(freight_amount) AS freight,
        sum(platform_fee) AS fee,
        uniqExactIf(refund_id, refund_id != '') AS refund_orders,
        sum(refund_amount) AS refunds,
        uniqExactIf(as_id, as_id != '') AS opened,
        sum(return_qty) AS returned,
        cityHash64(
            shop, shops_platform, out_orders, qty, amount, goods, discount, paid, freight, fee, refund_orders, refunds,
            opened, returned) AS digest
    FROM lines
    WHERE %(whole)s OR (shop_id, hour) IN (SELECT shop_id, hour FROM touched)
    GROUP BY shop_id, hour
) AS counted
FULL OUTER JOIN
(
    SELECT shop_id, biz_hour AS hour, digest
    FROM dws.dws_shop_hour FINAL
    WHERE biz_day = toDate(%(day)s) AND (%(whole)s OR (shop_id, hour) IN (SELECT shop_id, hour FROM touched))
) AS stored USING (shop_id, hour)
WHERE counted.digest != stored.digest
