-- Brings one day of dws.dws_shop_hour, or what is touched of it, to what the wide tables say. Only rows that differ
-- are written; one that counts nothing any more is written as deleted.
INSERT INTO dws.dws_shop_hour
(
    biz_day, shop_id, biz_hour, shop_name, platform, out_order_count, out_qty, out_amount, gmv, discount_amount,
    paid_amount, freight_amount, platform_fee, refund_order_count, refund_amount, after_sale_count, return_qty,
    return_refund_count, refund_only_count, exchange_count, quality_issue_count, handled_count, handle_seconds,
    lead_order_count, lead_seconds, form, digest, version, is_deleted
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
    return_refunds, -- return_refund_count
    refund_onlys, -- refund_only_count
    exchanges, -- exchange_count
    quality_issues, -- quality_issue_count
    length(handled), -- handled_count
    arraySum(handled.2), -- handle_seconds
    length(led), -- lead_order_count
    arraySum(led.2), -- lead_seconds
    counted.form,
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
        ${include shared/distinct_sale_outs} AS out_orders,
        ${include marts/sums_of_shipped},
        uniqExactIf(refund_id, refund_id != '') AS refund_orders,
        sum(refund_amount) AS refunds,
        uniqExactIf(as_id, as_id != '') AS opened,
        sum(return_qty) AS returned,
        uniqExactIf(as_id, type IN %(return_refund_types)s) AS return_refunds,
        uniqExactIf(as_id, type = '仅退款') AS refund_onlys,
        uniqExactIf(as_id, type = '换货') AS exchanges,
        uniqExactIf(as_id, is_quality) AS quality_issues,
        -- an order counts once, however many lines it has
        arraySort(groupUniqArrayIf((as_id, assumeNotNull(handle_seconds)), handle_seconds IS NOT NULL)) AS handled,
        arraySort(groupUniqArrayIf((io_id, assumeNotNull(lead_seconds)), io_id != '' AND lead_seconds >= 0)) AS led,
        ${include marts/form_of_hours} AS form,
        cityHash64(
            shop, shops_platform, out_orders, qty, amount, goods, discount, paid, freight, fee, refund_orders, refunds,
            opened, returned, return_refunds, refund_onlys, exchanges, quality_issues, handled, led, form) AS digest
    FROM lines
    WHERE %(whole)s OR (shop_id, hour) IN (SELECT shop_id, hour FROM touched)
    GROUP BY shop_id, hour
) AS counted
${include marts/that_differ table=dws_shop_hour among=shop_id, hour key=hour column=biz_hour AS hour}
