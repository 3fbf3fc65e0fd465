CREATE TABLE IF NOT EXISTS access.user_shop
(
    account String COMMENT 'As the person signs in',
    shop_id Int64,
    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (account, shop_id)
COMMENT 'Which account may see which shop: row policies look it up'
