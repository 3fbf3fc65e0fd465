-- Shops of orders that were read within a week which the workbook does not name, or which ship without a fee rate.
SELECT concat(toString(shop), ' 不在工作簿里') AS what
FROM
(
    SELECT DISTINCT shop_id AS shop FROM dws.dws_sale_out FINAL WHERE fetched_at > now() - INTERVAL 7 DAY
    UNION DISTINCT
    SELECT DISTINCT shop_id FROM dws.dws_after_sale FINAL WHERE fetched_at > now() - INTERVAL 7 DAY
)
WHERE shop NOT IN (SELECT shop_id FROM dim.dim_shop FINAL WHERE in_workbook)
UNION ALL
SELECT concat(toString(shop), ' 在 ', toString(min(day)), ' 没有费率')
FROM
(
    SELECT DISTINCT shop_id AS shop, biz_day AS day
    FROM dws.dws_sale_out FINAL
    WHERE is_shipped AND biz_day > toDate(0) AND fetched_at > now() - INTERVAL 7 DAY
) AS shipped
ASOF LEFT JOIN (SELECT shop_id AS id, valid_from FROM dim.dim_shop_fee FINAL) AS fee
    ON fee.id = shipped.shop AND shipped.day >= fee.valid_from
WHERE fee.id = 0 AND shop IN (SELECT shop_id FROM dim.dim_shop FINAL WHERE in_workbook)
GROUP BY shop
