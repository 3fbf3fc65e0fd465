CREATE TABLE IF NOT EXISTS access.quick_bi_tag
(
    account_name String COMMENT 'Account of the member in Quick BI',
    shop_id String COMMENT 'Tag: one shop the member may see',
    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (account_name, shop_id)
COMMENT 'Tag table of Quick BI: it names its columns so'
