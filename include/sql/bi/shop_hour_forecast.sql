-- What was forecast of each hour of each shop, and on complete days how far midnight's forecast was off.
SELECT
    * REPLACE (transform(
        toString(method), ['prophet', 'profile', 'last_week', 'day_total', 'recent', 'none'],
        ['Prophet', '季节基线', '季节基线（上周同日）', '日总量按平台曲线', '近日平均（历史太少）', '没有预测'],
        toString(method)) AS method),
    abs(actual_amount - midnight_amount) AS absolute_error
FROM dws.dws_shop_hour_forecast FINAL
