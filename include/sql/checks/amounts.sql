-- Orders read within a day whose lines do not add up to the order's amounts, to the cent; stock whose value is not
-- quantity x cost, or too large for its column. Amounts of the order as widen takes them.
SELECT concat('sale_out ', io_id) AS what
FROM
(
    SELECT
        io_id, version, sum(gmv) AS gmv, sum(discount_amount) AS discount, sum(paid_amount) AS paid,
        sum(freight_amount) AS freight, sum(out_amount) AS goods
    FROM dws.dws_sale_out FINAL
    WHERE fetched_at > now() - INTERVAL 1 DAY
    GROUP BY io_id, version
) AS wide
INNER JOIN
(
    SELECT
        io_id, version, pay_amount, free_amount, paid_amount, freight,
        arrayMap(
            (q, price, sale_price) ->
                ${include shared/as_money number=toDecimal128(q, 4) * coalesce(price, sale_price, 0)},
            lines.qty, lines.price, lines.sale_price) AS out_amounts,
        ${include shared/as_money number=arraySum(out_amounts)} AS goods
    FROM dwd.dwd_sale_out FINAL
    WHERE fetched_at > now() - INTERVAL 1 DAY
) AS orders ON orders.io_id = wide.io_id AND orders.version = wide.version
WHERE wide.gmv != coalesce(orders.pay_amount, orders.goods)
    OR wide.discount != ifNull(orders.free_amount, 0)
    OR wide.paid != coalesce(orders.paid_amount, orders.goods)
    OR wide.freight != ifNull(orders.freight, 0)
    OR wide.goods != orders.goods
UNION ALL
SELECT concat('after_sale ', as_id)
FROM
(
    SELECT as_id, version, sum(refund_amount) AS refund
    FROM dws.dws_after_sale FINAL
    WHERE fetched_at > now() - INTERVAL 1 DAY
    GROUP BY as_id, version
) AS wide
INNER JOIN
(
    SELECT as_id, version, refund FROM dwd.dwd_after_sale FINAL WHERE fetched_at > now() - INTERVAL 1 DAY
) AS orders ON orders.as_id = wide.as_id AND orders.version = wide.version
WHERE wide.refund != ifNull(orders.refund, 0)
UNION ALL
SELECT concat('inventory ', sku_id, ' 仓库 ', toString(wms_co_id))
FROM dws.dws_inventory FINAL
WHERE stock_value != round(toDecimal256(qty, 4) * cost_price, 2)
