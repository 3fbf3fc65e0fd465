-- Hours that are over are those of the mart; of the hour that runs, and of the same hour a day before, the lines that
-- left until the same second count.
SELECT
    biz_day + after AS day, shop_id, platform, out_order_count, if(after = 0, out_amount, 0) AS this_day,
    if(after = 1, out_amount, 0) AS day_before
FROM
(
    SELECT biz_day, shop_id, platform, out_order_count, out_amount, after
    FROM dws.dws_shop_hour FINAL
    ARRAY JOIN [0, 1] AS after
    WHERE biz_day BETWEEN toDate(%(first)s) - 1 AND toDate(%(last)s)
        AND toDateTime(biz_day, 'Asia/Shanghai') + toIntervalHour(biz_hour + 1) <= ${include shared/same_second}
    UNION ALL
    SELECT biz_day, shop_id, platform, 1, out_amount, after
    FROM dws.dws_sale_out FINAL
    ARRAY JOIN [0, 1] AS after
    WHERE ${include shared/counts_as_shipped}
        AND biz_day BETWEEN toDate(%(first)s) - 1 AND toDate(%(last)s)
        AND io_date BETWEEN toStartOfHour(${include shared/same_second}) AND ${include shared/same_second}
)
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
