-- What was shipped, a row per shop and day with its hours.
SELECT
    biz_day, shop_id, max(shop_name) AS name, max(platform) AS on_platform, groupArray(biz_hour) AS hours,
    groupArray(toFloat64(out_amount)) AS amounts, toFloat64(sum(out_order_count)) AS orders
FROM dws.dws_shop_hour FINAL
WHERE biz_day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
    AND out_order_count > 0
GROUP BY biz_day, shop_id
