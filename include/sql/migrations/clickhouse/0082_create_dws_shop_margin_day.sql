CREATE TABLE IF NOT EXISTS dws.dws_shop_margin_day
(
    biz_day Date COMMENT '业务日：出库按出库日，退款按退款日',
    shop_id Int64 COMMENT '店铺编号',
    shop_name LowCardinality(String) COMMENT '店铺名称',
    platform LowCardinality(String) COMMENT '平台',
    out_order_count UInt64 COMMENT '出库单数',
    out_amount Decimal(18, 2) COMMENT '出库金额',
    known_amount Decimal(18, 2) COMMENT '其中成本已知的出库金额',
    cost_amount Decimal(18, 2) COMMENT '成本：出库时的成本价 × 数量，成本未知的行为 0',
    platform_fee Decimal(18, 2) COMMENT '平台扣点',
    refund_order_count UInt64 COMMENT '退款单数',
    refund_amount Decimal(18, 2) COMMENT '退款金额',
    digest UInt64 COMMENT '内容的校验和：没有变化的行不重写',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(biz_day)
ORDER BY (biz_day, shop_id)
SETTINGS index_granularity = 1024
COMMENT '店铺毛利日汇总，只有 finance 角色可见：每行一个店铺在一个业务日，查询须用 FINAL'
