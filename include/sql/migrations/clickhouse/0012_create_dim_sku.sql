CREATE TABLE IF NOT EXISTS dim.dim_sku
(
    sku_id String,
    i_id String,
    name String,
    short_name String,
    sale_price Nullable(Decimal(18, 4)),
    cost_price Nullable(Decimal(18, 4)),
    market_price Nullable(Decimal(18, 4)),
    properties_value String,
    c_id String,
    category LowCardinality(String),
    brand LowCardinality(String),
    enabled Nullable(Int8) COMMENT 'As the source: 1 on, 0 spare, -1 off',
    weight Nullable(Decimal(18, 4)),
    sku_code String,
    labels String,
    unit LowCardinality(String),
    created Nullable(DateTime('Asia/Shanghai')),
    modified Nullable(DateTime('Asia/Shanghai')),
    ts Nullable(UInt64),
    fetched_at DateTime64(3, 'Asia/Shanghai'),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY sku_id
SETTINGS index_granularity = 128
COMMENT 'SKUs: labels of the wide tables'
