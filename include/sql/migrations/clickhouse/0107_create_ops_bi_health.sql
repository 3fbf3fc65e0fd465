CREATE TABLE IF NOT EXISTS ops.bi_health
(
    minute DateTime('Asia/Shanghai') COMMENT '看的是到这一分钟为止的五分钟',
    score Decimal(5, 2) COMMENT '瓴羊BI 的健康分，0 到 100',
    queries UInt32 COMMENT '账号 lingyang_bi 的查询数；没有权限的、自己取消的、本项目自己的证明不算',
    failed UInt32 COMMENT '其中出错的',
    slow UInt32 COMMENT '其中超过 1 秒才答复的',
    p99_ms Nullable(Float64) COMMENT '99% 的查询在此毫秒数内结束；没有查询时为空',
    lag_seconds Nullable(Float64) COMMENT '最晚的模块落后多少秒；不知道时为空',
    at DateTime64(3, 'Asia/Shanghai') COMMENT '什么时候算的；一分钟以最后一次为准'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY minute
TTL minute + INTERVAL 400 DAY
COMMENT '瓴羊BI 的健康分：每分钟一行'
