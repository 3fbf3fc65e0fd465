-- Orders with ``lines`` whose stored fees differ from the rates in force.
WITH
    ${include shared/closed_until} AS closed_until
SELECT io_id
FROM
(
    SELECT io_id, any(shop_id) AS shop, any(biz_day) AS day, sum(paid_amount) AS paid, sum(platform_fee) AS stored
    FROM dws.dws_sale_out AS line FINAL
    WHERE ${lines}
        AND (biz_day >= closed_until
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
            ))
    GROUP BY io_id
) AS order
ASOF LEFT JOIN (SELECT shop_id AS id, valid_from, fee_rate FROM dim.dim_shop_fee FINAL) AS fee
    ON fee.id = order.shop AND order.day >= fee.valid_from
WHERE stored != round(toDecimal128(paid, 2) * fee.fee_rate, 2)
