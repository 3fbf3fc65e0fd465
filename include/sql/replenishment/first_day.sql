-- The first day from which on sales are known, of the days from %(first)s on: the day after the oldest sale, whose own day
-- may have been read in part; NULL when nothing was sold. And whether the source gives totals of stock only. Without
-- FINAL: an outdated row names a day that was read all the same.
SELECT
    if(count() = 0, NULL, greatest(min(biz_day) + 1, toDate(%(first)s))),
    (SELECT count() > 0 FROM dws.dws_inventory FINAL WHERE wms_co_id = 0)
FROM dws.dws_sale_out
WHERE ${include shared/counts_as_shipped} AND biz_day >= toDate(%(first)s) - 1
