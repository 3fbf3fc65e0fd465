CREATE TABLE IF NOT EXISTS ops.api_minute
(
    minute DateTime('Asia/Shanghai') COMMENT '分钟',
    module LowCardinality(String) COMMENT '为哪个模块',
    endpoint LowCardinality(String) COMMENT '接口地址',
    outcome LowCardinality(String) COMMENT '结果：ok；源端给出状态码或错误码的 http_429、http_5xx、code_199 等；其余 unsuccessful、unreadable、timeout、unreachable、broken',
    kind LowCardinality(String) COMMENT 'ok；refused 源端说太频繁；failed 其他',
    requests UInt64 COMMENT '请求数',
    milliseconds UInt64 COMMENT '这些请求一共用了多少毫秒',
    latencies Array(UInt64) COMMENT '耗时分布：第 k 格是不超过 2 ^ (k / 2) 毫秒的请求数，最后一格含更长的',
    changed_at DateTime64(6, 'Asia/Shanghai') COMMENT '控制库里这一行最后变动的时间'
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (minute, module, endpoint, outcome, kind)
TTL minute + INTERVAL 30 DAY
COMMENT '对源端的请求：每分钟、接口与结果的次数和耗时（控制库 api_minute 的副本）'
