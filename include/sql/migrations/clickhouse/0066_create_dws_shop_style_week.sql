CREATE TABLE IF NOT EXISTS dws.dws_shop_style_week
(
    shop_id Int64 COMMENT '店铺编号',
    i_id String COMMENT '款式编码',
    as_of_day Date COMMENT '最后一天：有数据的最新业务日；与它之前 7 个完整日一起',
    shop_name LowCardinality(String) COMMENT '店铺名称',
    platform LowCardinality(String) COMMENT '平台',
    style_name String COMMENT '款式下一个商品的名称',
    category LowCardinality(String) COMMENT '分类',
    out_order_count UInt64 COMMENT '含该款式的出库单数',
    out_qty Decimal(18, 4) COMMENT '出库数量',
    out_amount Decimal(18, 2) COMMENT '出库金额',
    refund_order_count UInt64 COMMENT '含该款式的退款单数；售后率 = 退款单数 ÷ 出库单数',
    refund_amount Decimal(18, 2) COMMENT '退款金额',
    after_sale_count UInt64 COMMENT '含该款式的售后单数',
    quality_issue_count UInt64 COMMENT '其中问题类型属质量问题的售后单数',
    digest UInt64 COMMENT '内容的校验和：没有变化的行不重写',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (shop_id, i_id)
SETTINGS index_granularity = 1024
COMMENT '店铺款式近 7 日与当日：每行一个店铺的一个款式，查询须用 FINAL'
