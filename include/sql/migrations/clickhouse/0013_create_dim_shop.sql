CREATE TABLE IF NOT EXISTS dim.dim_shop
(
    shop_id Int64,
    shop_code String,
    shop_name String,
    platform LowCardinality(String),
    owner String COMMENT 'Account of the person in charge',
    province LowCardinality(String),
    active UInt8,
    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY shop_id
COMMENT 'Shops, from the workbook'
