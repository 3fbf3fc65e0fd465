-- The first day from which on sales are known, of the days from %(first)s on: the day after the oldest sale of all, whose
-- own day may have been read in part; NULL when nothing was sold. And whether the source gives totals of stock only.
SELECT
    if(count() = 0, NULL, greatest(min(biz_day) + 1, toDate(%(first)s))),
    (SELECT count() > 0 FROM dws.dws_inventory FINAL WHERE wms_co_id = 0)
FROM dws.dws_sale_out FINAL
WHERE ${include shared/counts_as_shipped}
