CREATE TABLE IF NOT EXISTS ops.forecast_candidate
(
    biz_day Date COMMENT '预测的是这一天',
    series String COMMENT '哪一组：total 全部，shop:101 一个店铺，rest 其余店铺',
    method LowCardinality(String) COMMENT '方法；published 是发布的那一条',
    chosen LowCardinality(String) COMMENT '发布的用的是哪个方法；其他行为空',
    amounts Array(Decimal(18, 2)) COMMENT '0 到 23 点的预测金额',
    origin DateTime('Asia/Shanghai') COMMENT '站在哪一刻预测：当天零点，只用它之前的数据',
    data_until DateTime('Asia/Shanghai') COMMENT '用到这一刻为止的数据',
    is_incomplete UInt8 COMMENT '1：零点之前的数据不全',
    is_backtest UInt8 COMMENT '1：事后补算，只用当天零点之前的数据',
    actual_amounts Array(Decimal(18, 2)) COMMENT '0 到 23 点的实际金额；这一天完整之前为空',
    made_at DateTime('Asia/Shanghai') COMMENT '何时算的',
    version UInt64 COMMENT '版本'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (biz_day, series, method)
TTL biz_day + INTERVAL 800 DAY
COMMENT '每个零点的预测：每组每个方法一行，当天完整后带实际金额，查询须用 FINAL'
