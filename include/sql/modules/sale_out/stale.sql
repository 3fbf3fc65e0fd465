-- Orders whose stored labels or fees differ from the dimensions; as in widen, what a dimension does not know changes
-- nothing.
WITH
    ${include shared/closed_until} AS closed_until
SELECT DISTINCT io_id
FROM dws.dws_sale_out AS line FINAL
LEFT JOIN (SELECT sku_id, i_id, name, category, brand FROM dim.dim_sku FINAL) AS sku ON sku.sku_id = line.sku_id
LEFT JOIN (SELECT shop_id, shop_name AS name, platform FROM dim.dim_shop FINAL) AS shop ON shop.shop_id = line.shop_id
LEFT JOIN (SELECT wms_co_id AS id, warehouse_name AS name FROM dim.dim_warehouse FINAL) AS house
    ON house.id = line.wms_co_id
WHERE (sku.sku_id != '' AND (
        (sku.i_id != '' AND sku.i_id != line.i_id)
        OR (sku.name != '' AND sku.name != line.sku_name)
        OR sku.category != line.category
        OR sku.brand != line.brand))
    OR line.sku_id IN (${include shared/codes_alike module=sale_out})
    OR (shop.name != '' AND (shop.name != line.shop_name OR shop.platform != line.platform))
    OR (house.name != '' AND house.name != line.warehouse_name)
UNION DISTINCT
SELECT io_id
FROM
(
    SELECT io_id, any(shop_id) AS shop, any(biz_day) AS day, sum(paid_amount) AS paid, sum(platform_fee) AS stored
    FROM dws.dws_sale_out FINAL
    WHERE biz_day >= closed_until
        -- A shop's first rates count for all its past: a line that would pay two cents and has no fee never had a rate.
        OR (shop_id, biz_day) IN
        (
            SELECT shop, day
            FROM
            (
                SELECT shop_id AS shop, biz_day AS day, maxIf(paid_amount, platform_fee = 0) AS most
                FROM dws.dws_sale_out FINAL
                WHERE biz_day < closed_until AND biz_day > toDate(0)
                GROUP BY shop, day
            ) AS free
            ASOF INNER JOIN (SELECT shop_id AS id, valid_from, fee_rate FROM dim.dim_shop_fee FINAL) AS fee
                ON fee.id = free.shop AND free.day >= fee.valid_from
            WHERE most * fee.fee_rate >= 0.02
        )
    GROUP BY io_id
) AS order
ASOF LEFT JOIN (SELECT shop_id AS id, valid_from, fee_rate FROM dim.dim_shop_fee FINAL) AS fee
    ON fee.id = order.shop AND order.day >= fee.valid_from
WHERE stored != round(toDecimal128(paid, 2) * fee.fee_rate, 2)
