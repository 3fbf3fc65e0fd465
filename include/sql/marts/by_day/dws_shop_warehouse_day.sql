-- Brings one day of dws.dws_shop_warehouse_day, or the shops of it that are touched, to what the wide tables say. Only
-- rows that differ are written; one that counts nothing any more is written as deleted.
INSERT INTO dws.dws_shop_warehouse_day
(
    biz_day, shop_id, wms_co_id, shop_name, platform, warehouse_name, out_order_count, out_qty, out_amount, gmv,
    discount_amount, paid_amount, freight_amount, platform_fee, digest, version, is_deleted
)
WITH
${include marts/lines}
SELECT
    toDate(%(day)s), -- biz_day
    shop_id, wms_co_id,
    shop, -- shop_name
    shops_platform, -- platform
    house, -- warehouse_name
    out_orders, -- out_order_count
    qty, -- out_qty
    amount, -- out_amount
    goods, -- gmv
    discount, -- discount_amount
    paid, -- paid_amount
    freight, -- freight_amount
    fee, -- platform_fee
    counted.digest,
    %(version)s, -- version
    counted.digest = 0 -- is_deleted
FROM
(
    SELECT
        shop_id,
        wms_co_id,
        max(shop_name) AS shop,
        max(platform) AS shops_platform,
        max(warehouse_name) AS house,
        ${include shared/distinct_sale_outs} AS out_orders,
        ${include marts/sums_of_shipped},
        cityHash64(shop, shops_platform, house, out_orders, qty, amount, goods, discount, paid, freight, fee) AS digest
    FROM lines
    -- what was touched does not say the warehouse, which an order may have left
    WHERE io_id != '' AND (%(whole)s OR shop_id IN (SELECT shop_id FROM touched))
    GROUP BY shop_id, wms_co_id
) AS counted
${include marts/that_differ table=dws_shop_warehouse_day among=shop_id key=wms_co_id column=wms_co_id}
