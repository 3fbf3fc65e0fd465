-- Stock as it is now, a row per SKU and warehouse, without abnormal rows (qty < 0).
SELECT * REPLACE (nullIf(i_id, '') AS i_id)
FROM dws.dws_inventory FINAL
WHERE NOT is_abnormal
