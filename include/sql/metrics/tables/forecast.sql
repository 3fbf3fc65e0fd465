-- What was forecast, hour by hour. moment: the hour, counted over all days.
SELECT
    biz_day AS day, biz_hour AS hour, toUInt32(biz_day) * 24 + biz_hour AS moment, shop_id, platform, out_amount,
    midnight_amount, actual_amount, own_variance, hour_error, day_error, is_incomplete, method AS forecast_method,
    note AS forecast_note
FROM dws.dws_shop_hour_forecast FINAL
