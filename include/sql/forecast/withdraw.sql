-- Writes rows of a day as deleted whose shop is not forecast any more.
INSERT INTO dws.dws_shop_hour_forecast (biz_day, shop_id, biz_hour, version, is_deleted)
SELECT
    biz_day,
    shop_id,
    biz_hour,
    %(version)s, -- version
    1 -- is_deleted
FROM dws.dws_shop_hour_forecast FINAL
WHERE biz_day = toDate(%(day)s)
    AND shop_id NOT IN %(shops)s
