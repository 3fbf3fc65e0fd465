CREATE TABLE IF NOT EXISTS ops.access_proof
(
    proven_at DateTime64(3, 'Asia/Shanghai') COMMENT 'One moment for all rows of a proof',
    account String COMMENT 'Who was looking; empty: nobody named',
    place LowCardinality(String) COMMENT 'Where: a table of ClickHouse, or a data set of Quick BI',
    expected Array(Int64) COMMENT 'Shops the account may see and that have rows there',
    seen Array(Int64) COMMENT 'Shops it saw',
    passed UInt8,
    detail String COMMENT 'What is wrong, in Chinese; empty when nothing is'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(proven_at)
ORDER BY (proven_at, account, place)
TTL toDateTime(proven_at) + INTERVAL 7 DAY
COMMENT 'Proofs that every account sees exactly its shops'
