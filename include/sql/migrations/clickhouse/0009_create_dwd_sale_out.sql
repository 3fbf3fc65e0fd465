CREATE TABLE IF NOT EXISTS dwd.dwd_sale_out
(
    io_id String COMMENT 'Key of the order (o_id where a record has no io_id)',
    key_time DateTime('Asia/Shanghai') COMMENT 'First stored created, else first stored modified; never changes',
    o_id String,
    so_id String,
    co_id String,
    shop_id Int64,
    shop_name String,
    status LowCardinality(String),
    order_type LowCardinality(String),
    created Nullable(DateTime('Asia/Shanghai')),
    modified Nullable(DateTime('Asia/Shanghai')),
    io_date Nullable(DateTime('Asia/Shanghai')),
    pay_date Nullable(DateTime('Asia/Shanghai')),
    pay_amount Nullable(Decimal(18, 2)),
    paid_amount Nullable(Decimal(18, 2)),
    free_amount Nullable(Decimal(18, 2)),
    freight Nullable(Decimal(18, 2)),
    wms_co_id Int64,
    warehouse String,
    receiver_state LowCardinality(String),
    receiver_city LowCardinality(String),
    lc_id String,
    logistics_company LowCardinality(String),
    labels String,
    weight Nullable(Decimal(18, 4)),
    ts Nullable(UInt64) COMMENT 'Row version of the source, where it gives one',
    lines Nested
    (
        line_id String,
        ioi_id String,
        oi_id String,
        sku_id String,
        i_id String,
        name String,
        properties_value String,
        qty Decimal(18, 4),
        price Nullable(Decimal(18, 4)),
        sale_price Nullable(Decimal(18, 4)),
        sale_amount Nullable(Decimal(18, 2)),
        combine_sku_id String,
        is_gift UInt8
    ),
    plan_id String,
    attempt UInt32,
    ticket UInt64,
    fetched_at DateTime64(3, 'Asia/Shanghai'),
    version UInt64 COMMENT 'unix(modified) * 2^32 + low 32 bits of ts, else of the ticket'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY io_id
SETTINGS index_granularity = 256
COMMENT 'Sale-outs, cleaned: one row per order, its lines inside'
