-- Writes beside the forecast of a complete day what was shipped on it, where that is not there yet or has changed since.
-- Shops that sold without a forecast get one of 0: it was one, and it was wrong. A day that was not forecast gets none.
INSERT INTO dws.dws_shop_hour_forecast
(
    biz_day, shop_id, biz_hour, shop_name, platform, out_amount, midnight_amount, own_variance, hour_error, day_error,
    actual_amount, method, note, is_incomplete, origin, data_until, version
)
SELECT
    toDate(%(day)s), -- biz_day
    shop_id,
    biz_hour,
    if(forecast.is_there = 1, forecast.shop_name, shipped.shop_name), -- shop_name
    if(forecast.is_there = 1, forecast.platform, shipped.platform), -- platform
    forecast.out_amount,
    forecast.midnight_amount,
    forecast.own_variance,
    forecast.hour_error,
    forecast.day_error,
    shipped.out_amount, -- actual_amount
    if(forecast.is_there = 1, forecast.method, 'none'), -- method
    if(forecast.is_there = 1, forecast.note, '没有预测：这个店铺之前四周没有出库'), -- note
    forecast.is_incomplete,
    if(forecast.is_there = 1, forecast.origin, toDateTime(%(day)s, 'Asia/Shanghai')), -- origin
    if(forecast.is_there = 1, forecast.data_until, toDateTime(%(day)s, 'Asia/Shanghai')), -- data_until
    %(version)s -- version
FROM
(
    SELECT *, 1 AS is_there
    FROM dws.dws_shop_hour_forecast FINAL
    WHERE biz_day = toDate(%(day)s)
) AS forecast
FULL OUTER JOIN
(
    SELECT shop_id, biz_hour, shop_name, platform, out_amount
    FROM dws.dws_shop_hour FINAL
    WHERE biz_day = toDate(%(day)s)
        AND out_order_count > 0
) AS shipped USING (shop_id, biz_hour)
WHERE (forecast.is_there = 0 OR forecast.actual_amount IS NULL OR forecast.actual_amount != shipped.out_amount)
    AND (SELECT count() FROM dws.dws_shop_hour_forecast FINAL WHERE biz_day = toDate(%(day)s)) > 0
