-- Every key the source may have a record of: inventory is kept per SKU.
SELECT sku_id FROM dim.dim_sku FINAL ORDER BY sku_id
