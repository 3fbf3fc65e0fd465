CREATE TABLE IF NOT EXISTS dwd.dwd_refund_seen
(
    as_id String,
    seen_at SimpleAggregateFunction(min, DateTime('Asia/Shanghai')) COMMENT 'Earliest modified it was refunded at'
)
ENGINE = AggregatingMergeTree
ORDER BY as_id
SETTINGS index_granularity = 256
COMMENT 'When an after-sale was first seen refunded, in whatever order its versions came'
