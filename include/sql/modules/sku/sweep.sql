-- Every SKU the dimension has, and every one that stock, orders and after-sales name and the dimension may lack.
SELECT DISTINCT sku_id
FROM
(
    SELECT sku_id FROM dim.dim_sku FINAL
    UNION ALL
    SELECT sku_id FROM dwd.dwd_inventory
    UNION ALL
    SELECT arrayJoin(lines.sku_id) FROM dwd.dwd_sale_out
    UNION ALL
    SELECT arrayJoin(lines.sku_id) FROM dwd.dwd_after_sale
)
WHERE ${include shared/id of=sku_id} != ''
ORDER BY sku_id
