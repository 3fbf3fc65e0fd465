-- Days of months that are not closed with lines whose cost was unknown when they were counted and is known now.
SELECT DISTINCT biz_day
FROM dws.dws_sale_out FINAL
WHERE biz_day >= ${include shared/closed_until}
    AND (io_id, line_id, sku_id) IN
    (
        SELECT io_id, line_id, sku_id
        FROM dwd.dwd_line_cost FINAL
        WHERE is_known = 0
            AND sku_id IN (SELECT sku_id FROM dim.dim_sku FINAL WHERE cost_price > 0)
    )
    AND ${include shared/counts_as_shipped}
