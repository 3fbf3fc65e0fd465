CREATE TABLE IF NOT EXISTS dwd.dwd_warehouse
(
    wms_co_id Int64,
    name String,
    is_main UInt8,
    status LowCardinality(String),
    modified DateTime('Asia/Shanghai') COMMENT 'When the list was read: the source gives no such time',
    plan_id String,
    attempt UInt32,
    ticket UInt64,
    fetched_at DateTime64(3, 'Asia/Shanghai'),
    version UInt64 COMMENT 'unix(modified) * 2^32 + low 32 bits of the ticket'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY wms_co_id
COMMENT 'Warehouses as the source lists them'
