INSERT INTO dws.dws_shop_hour_forecast
(
    biz_day, shop_id, biz_hour, shop_name, platform, out_amount, midnight_amount, own_variance, hour_error, day_error,
    method, note, is_incomplete, origin, data_until, version
)
VALUES
