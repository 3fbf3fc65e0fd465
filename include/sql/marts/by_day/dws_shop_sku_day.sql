-- Brings one day of dws.dws_shop_sku_day, or what is touched of it, to what the wide tables say. Only rows that differ
-- are written; one that counts nothing any more is written as deleted.
INSERT INTO dws.dws_shop_sku_day
(
    biz_day, shop_id, sku_id, shop_name, platform, i_id, sku_name, category, out_qty, out_amount, gmv,
    discount_amount, paid_amount, freight_amount, platform_fee, refund_amount, return_qty, out_orders, refund_orders,
    digest, version, is_deleted
)
WITH
${include marts/lines}
SELECT
    toDate(%(day)s), -- biz_day
    shop_id, sku_id,
    shop, -- shop_name
    shops_platform, -- platform
    style, -- i_id
    name, -- sku_name
    class, -- category
    qty, -- out_qty
    amount, -- out_amount
    goods, -- gmv
    discount, -- discount_amount
    paid, -- paid_amount
    freight, -- freight_amount
    fee, -- platform_fee
    refunds, -- refund_amount
    returned, -- return_qty
    out_orders, refund_orders, counted.digest,
    %(version)s, -- version
    counted.digest = 0 -- is_deleted
FROM
(
    SELECT
        shop_id,
        sku_id,
        max(shop_name) AS shop,
        max(platform) AS shops_platform,
        max(i_id) AS style,
        max(sku_name) AS name,
        max(category) AS class,
        ${include marts/sums_of_shipped},
        sum(refund_amount) AS refunds,
        sum(return_qty) AS returned,
        uniqExactStateIf(io_id, io_id != '') AS out_orders,
        uniqExactStateIf(refund_id, refund_id != '') AS refund_orders,
        cityHash64(
            shop, shops_platform, style, name, class, qty, amount, goods, discount, paid, freight, fee, refunds, returned,
            -- which orders, not only how many
            sum(cityHash64(io_id)), sum(cityHash64(refund_id)), count()) AS digest
    FROM lines
    WHERE %(whole)s OR (shop_id, sku_id) IN (SELECT shop_id, sku_id FROM touched)
    GROUP BY shop_id, sku_id
) AS counted
${include marts/that_differ table=dws_shop_sku_day among=shop_id, sku_id key=sku_id column=sku_id}
