SELECT wms_co_id, any(warehouse_name) AS warehouse_name, any(province) AS province
FROM dim.dim_warehouse FINAL
WHERE wms_co_id IN %(keys)s
GROUP BY wms_co_id
