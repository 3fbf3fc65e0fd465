INSERT INTO ops.forecast_candidate
(
    biz_day, series, method, chosen, amounts, origin, data_until, is_incomplete, is_backtest, actual_amounts, made_at,
    version
)
VALUES
