INSERT INTO dwd.dwd_barcode (sku_id, sku_code, modified, version)
SELECT
    key, -- sku_id
    JSONExtractString(body, 'sku_code'), -- sku_code
    parseDateTime(JSONExtractString(body, 'modified'), '%Y-%m-%d %H:%i:%s', 'Asia/Shanghai') AS modified,
    ${include shared/version modified=modified ts=NULL ticket=ticket fetched_at=fetched_at} -- version
FROM ods.barcode
WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
