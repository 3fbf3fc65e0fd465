CREATE TABLE IF NOT EXISTS ops.module_minute
(
    minute DateTime('Asia/Shanghai') COMMENT '分钟',
    module LowCardinality(String) COMMENT '模块；空：不属于任何模块的事件',
    at DateTime64(3, 'Asia/Shanghai') COMMENT '看控制库的时间；一分钟内以最后一次为准',
    feed_state LowCardinality(String) COMMENT 'live 实时；degraded 降级；held 受阻；trouble 出错；clock 定时刷新的维表',
    lag_seconds Nullable(Float64) COMMENT '仓库里能看到的数据落后多少秒；维表没有',
    visible_until Nullable(DateTime64(3, 'Asia/Shanghai')) COMMENT '读到的数据到此为止都在仓库里',
    complete_until Nullable(DateTime64(3, 'Asia/Shanghai')) COMMENT '完整水位',
    open_letters UInt32 COMMENT '待重投的死信',
    parked_letters UInt32 COMMENT '已搁置的死信',
    certificate_day Nullable(Date) COMMENT '最近一张证书是哪个业务日的',
    certificate_state LowCardinality(String) COMMENT '它说什么：proven、excepted、open；空：还没有证书',
    uncertified_days UInt8 COMMENT '之前 7 个完整日里，没有证书或证书未通过的天数',
    incidents UInt32 COMMENT '还没有解决的事件'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (minute, module)
TTL minute + INTERVAL 30 DAY
COMMENT '各模块的状态：每分钟一行（控制库的副本）'
