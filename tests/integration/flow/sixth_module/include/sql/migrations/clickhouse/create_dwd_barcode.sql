CREATE TABLE IF NOT EXISTS dwd.dwd_barcode
(
    sku_id String,
    sku_code String,
    modified DateTime('Asia/Shanghai'),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY sku_id
