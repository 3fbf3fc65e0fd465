-- What may be added up of each SKU of each shop on each day.
SELECT * REPLACE (nullIf(sku_id, '') AS sku_id, nullIf(i_id, '') AS i_id)
FROM dws.dws_shop_sku_day FINAL
