-- Every key the source may have a record of, or the warehouse has: inventory is kept per SKU.
SELECT DISTINCT sku_id
FROM
(
    SELECT sku_id FROM dim.dim_sku FINAL
    UNION ALL
    SELECT sku_id FROM dwd.dwd_inventory
)
WHERE ${include shared/id of=sku_id} != ''
ORDER BY sku_id
