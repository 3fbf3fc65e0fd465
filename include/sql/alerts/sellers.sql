-- Which shops have shipped a SKU within 30 days, of the SKUs named.
SELECT sku_id, shop_id
FROM dws.dws_shop_sku_day FINAL
WHERE sku_id IN %(skus)s AND biz_day >= toDate(now('Asia/Shanghai')) - 30
GROUP BY sku_id, shop_id
HAVING sum(out_qty) > 0
