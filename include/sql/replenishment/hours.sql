-- Pieces shipped by hour: of ordinary days of the last four weeks, weekends apart (1), and, where the day has a forecast,
-- what it expects of the hours of %(today)s (2, in yuan: only shares count).
SELECT if(toDayOfWeek(biz_day) >= 6, 1, 0) AS kind, biz_hour AS hour, toFloat64(sum(out_qty)) AS amount
FROM dws.dws_shop_hour FINAL
WHERE biz_day >= toDate(%(today)s) - 28 AND biz_day < toDate(%(today)s)
GROUP BY kind, hour
UNION ALL
SELECT 2, biz_hour, toFloat64(sum(midnight_amount))
FROM dws.dws_shop_hour_forecast FINAL
WHERE biz_day = toDate(%(today)s)
GROUP BY biz_hour
