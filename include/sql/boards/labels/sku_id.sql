SELECT sku_id, any(name) AS sku_name, any(properties_value) AS properties
FROM dim.dim_sku FINAL
WHERE sku_id IN %(keys)s
GROUP BY sku_id
