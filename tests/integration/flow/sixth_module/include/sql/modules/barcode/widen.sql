INSERT INTO dws.dws_barcode (sku_id, sku_code, version, is_deleted)
SELECT
    sku_id, sku_code, version,
    0 -- is_deleted
FROM dwd.dwd_barcode FINAL
WHERE sku_id IN (SELECT key FROM touched)
