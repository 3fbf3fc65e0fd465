-- Every shipped order once per cut, and whether it was refunded until the data's moment; cut by SKU, with that SKU.
WITH orders AS
(
    SELECT DISTINCT io_id, o_id, shop_id, platform, wms_co_id, day, hour
    FROM shipped
    WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
),
refunds AS
(
    SELECT io_id, o_id, sku_id, i_id, category
    FROM after_sales
    WHERE refund_date <= toDateTime(%(as_of)s, 'Asia/Shanghai')
)
SELECT ${cuts}io_id AS id, max(is_shipped) AS was_shipped, max(is_refunded) AS was_refunded
FROM
(
    SELECT io_id, shop_id, platform, sku_id, i_id, category, wms_co_id, day, hour, 1 AS is_shipped, 0 AS is_refunded
    FROM shipped
    WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
    UNION ALL
    SELECT orders.io_id, shop_id, platform, sku_id, i_id, category, wms_co_id, day, hour, 0, 1
    FROM refunds
    INNER JOIN orders ON orders.io_id = refunds.io_id
    UNION ALL
    -- The after-sale may name only the internal order, which may have been shipped in parts.
    SELECT orders.io_id, shop_id, platform, sku_id, i_id, category, wms_co_id, day, hour, 0, 1
    FROM refunds
    INNER JOIN orders ON orders.o_id = refunds.o_id
    WHERE refunds.io_id = ''
        AND refunds.o_id != ''
)
GROUP BY ${cuts}id
