CREATE TABLE IF NOT EXISTS dim.dim_shop_fee
(
    shop_id Int64,
    valid_from Date COMMENT 'First day the rate is in force; it stays until the next',
    fee_rate Decimal(9, 6) COMMENT 'Share of the paid amount, 0.05 = 5 %',
    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (shop_id, valid_from)
COMMENT 'Platform fee rates of the shops, from the workbook'
