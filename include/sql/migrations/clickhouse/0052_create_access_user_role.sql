CREATE TABLE IF NOT EXISTS access.user_role
(
    account String COMMENT 'As the person signs in',
    role LowCardinality(String) COMMENT 'viewer: the account is known; finance: sees cost and the value of stock',
    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (account, role)
COMMENT 'What an account may see that belongs to no shop: row policies look it up'
