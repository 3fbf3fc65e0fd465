-- Every key the source may have a record of, or the warehouse has: inventory is kept per SKU.
SELECT sku_id FROM dim.dim_sku FINAL UNION DISTINCT SELECT sku_id FROM dwd.dwd_inventory ORDER BY sku_id
