INSERT INTO dwd.dwd_barcode (sku_id, sku_code, modified, version)
SELECT
    key,
    JSONExtractString(body, 'sku_code'),
    parseDateTime(JSONExtractString(body, 'modified'), '%Y-%m-%d %H:%i:%s', 'Asia/Shanghai') AS modified,
    bitShiftLeft(toUInt64(toUnixTimestamp(modified)), 32) + bitAnd(ticket, 0xFFFFFFFF)
FROM ods.barcode
WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
