CREATE TABLE IF NOT EXISTS ops.check_result
(
    name LowCardinality(String) COMMENT '检查（include/config/checks.yaml）',
    checked_at DateTime64(3, 'Asia/Shanghai') COMMENT '检查的时间',
    severity LowCardinality(String) COMMENT '严重程度：bad 或 warn',
    owner LowCardinality(String) COMMENT '负责人',
    found UInt64 COMMENT '找到多少',
    examples Array(String) COMMENT '前几个例子',
    since Nullable(DateTime64(3, 'Asia/Shanghai')) COMMENT '从何时起一直找到',
    seconds Float64 COMMENT '检查用时（秒）'
)
ENGINE = ReplacingMergeTree
ORDER BY (name, checked_at)
TTL toDateTime(checked_at) + INTERVAL 90 DAY
COMMENT '数据检查的结果，每次检查一行'
