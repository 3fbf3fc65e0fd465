CREATE TABLE IF NOT EXISTS dwd.dwd_shop
(
    shop_id Int64,
    shop_name String,
    short_name String,
    shop_site LowCardinality(String) COMMENT 'Platform, as the source names it',
    group_id String,
    group_name String,
    created Nullable(DateTime('Asia/Shanghai')),
    modified DateTime('Asia/Shanghai') COMMENT 'When the list was read: the source gives no such time',
    plan_id String,
    attempt UInt32,
    ticket UInt64,
    fetched_at DateTime64(3, 'Asia/Shanghai'),
    version UInt64 COMMENT 'unix(modified) * 2^32 + low 32 bits of the ticket'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY shop_id
COMMENT 'Shops as the source lists them'
