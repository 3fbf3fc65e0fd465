-- Stock at the end of each day, a row per SKU and warehouse, without abnormal rows (qty < 0).
SELECT * REPLACE (nullIf(i_id, '') AS i_id)
FROM dws.dws_inventory_day FINAL
WHERE NOT is_abnormal
