CREATE TABLE IF NOT EXISTS dwd.dwd_line_cost
(
    io_id String,
    line_id String,
    sku_id String COMMENT 'A line that changes its SKU is another line',
    cost_price Nullable(Decimal(18, 4)) COMMENT 'What the SKU cost when the line was first counted as shipped; NULL: unknown then and since',
    is_known UInt8 COMMENT 'A cost that is known replaces an unknown one, and is never replaced'
)
ENGINE = ReplacingMergeTree(is_known)
ORDER BY (io_id, line_id, sku_id)
SETTINGS index_granularity = 256
COMMENT 'Cost of shipped lines, kept when they are first counted: closed months do not move when a cost changes'
