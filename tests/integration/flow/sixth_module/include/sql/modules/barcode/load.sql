INSERT INTO dwd.dwd_barcode (sku_id, sku_code, modified, version)
SELECT
    key, -- sku_id
    JSONExtractString(body, 'sku_code'), -- sku_code
    parseDateTime(JSONExtractString(body, 'modified'), '%Y-%m-%d %H:%i:%s', 'Asia/Shanghai') AS modified,
    ${include shared/version modified=modified counter=ticket} -- version
FROM ods.barcode
WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
