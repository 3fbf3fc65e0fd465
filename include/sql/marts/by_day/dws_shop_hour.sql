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
    toDate(%(day)s), -- biz_day
    shop_id,
    hour, -- biz_hour
    shop, -- shop_name
    shops_platform, -- platform
    out_orders, -- out_order_count
    qty, -- out_qty
    amount, -- out_amount
    goods, -- gmv
    discount, -- discount_amount
    paid, -- paid_amount
    freight, -- freight_amount
    fee, -- platform_fee
    refund_orders, -- refund_order_count
    refunds, -- refund_amount
    opened, -- after_sale_count
    returned, -- return_qty
    counted.digest,
    %(version)s, -- version
    counted.digest = 0 -- is_deleted
FROM
(
    SELECT
        shop_id,
        hour,
        max(shop_name) AS shop,
        max(platform) AS shops_platform,
        uniqExactIf(io_id, io_id != '') AS out_orders,
        ${include marts/sums_of_shipped},
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
${include marts/that_differ table=dws_shop_hour among=shop_id, hour key=hour column=biz_hour AS hour}
