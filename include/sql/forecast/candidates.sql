-- What every method said of these days, and what came of it.
SELECT
    biz_day, series, method, amounts, data_until, is_incomplete, is_backtest, chosen, actual_amounts
FROM ops.forecast_candidate FINAL
WHERE biz_day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
ORDER BY biz_day, series, method
