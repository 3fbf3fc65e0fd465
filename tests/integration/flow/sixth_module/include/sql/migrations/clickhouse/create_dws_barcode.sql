CREATE TABLE IF NOT EXISTS dws.dws_barcode
(
    sku_id String COMMENT '商品编码',
    sku_code String COMMENT '国标码',
    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY sku_id
