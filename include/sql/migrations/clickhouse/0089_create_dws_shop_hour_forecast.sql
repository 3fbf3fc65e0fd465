CREATE TABLE IF NOT EXISTS dws.dws_shop_hour_forecast
(
    biz_day Date COMMENT '业务日：预测的是这一天的出库',
    shop_id Int64 COMMENT '店铺编号',
    biz_hour UInt8 COMMENT '业务小时',
    shop_name LowCardinality(String) COMMENT '店铺名称',
    platform LowCardinality(String) COMMENT '平台',
    out_amount Decimal(18, 2) COMMENT '预测的出库金额，可以相加；已经过去的小时是零点时的预测',
    midnight_amount Decimal(18, 2) COMMENT '零点时的预测，可以相加；准确率按它算',
    own_variance Decimal(38, 4) COMMENT '只属于这个店铺这个小时的误差：方差，可以相加',
    hour_error Decimal(18, 4) COMMENT '同一小时里各店铺共有的误差：标准差，先按小时相加，再平方',
    day_error Decimal(18, 4) COMMENT '同一天里各小时各店铺共有的误差：标准差，先按日相加，再平方',
    actual_amount Nullable(Decimal(18, 2)) COMMENT '这一天完整后的实际出库金额；之前为空',
    method LowCardinality(String) COMMENT '方法：prophet；profile 季节基线；last_week 上周同日；day_total 日总量按平台曲线分到小时；recent 近日平均（历史太少）',
    note String COMMENT '说明：何时作的、用到几点的数据、是否按当天实际调整、大促与节假日的系数、缺什么',
    is_incomplete UInt8 COMMENT '1：作预测时数据不全，note 写明缺什么',
    origin DateTime('Asia/Shanghai') COMMENT '何时作的预测',
    data_until DateTime('Asia/Shanghai') COMMENT '用到这一刻为止的数据',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(biz_day)
ORDER BY (biz_day, shop_id, biz_hour)
SETTINGS index_granularity = 1024
COMMENT '店铺小时出库预测：每行一个店铺在一个业务日的一个小时，查询须用 FINAL'
