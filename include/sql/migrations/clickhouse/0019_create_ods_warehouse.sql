CREATE TABLE IF NOT EXISTS ods.warehouse
(
    partition UInt32 COMMENT 'Kafka partition',
    offset UInt64 COMMENT 'Kafka offset',
    key String COMMENT 'Record key',
    plan_id String,
    attempt UInt32,
    ticket UInt64 COMMENT 'Number of the request that brought the record',
    page UInt32,
    fetched_at DateTime64(3, 'Asia/Shanghai') COMMENT 'When the page was read from the source',
    produced_at DateTime64(3, 'Asia/Shanghai') COMMENT 'Time of the Kafka message',
    body String COMMENT 'Allow-listed fields as JSON text' CODEC(ZSTD(3)),
    stored_at DateTime('Asia/Shanghai') DEFAULT now() COMMENT 'For the TTL: an old message, replayed, must stay too',
    INDEX plan_id_index plan_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(produced_at)
ORDER BY (partition, offset)
TTL stored_at + INTERVAL 7 DAY
SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1
COMMENT 'Raw text of recent batches of warehouses'
