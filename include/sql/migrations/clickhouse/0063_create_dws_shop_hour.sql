CREATE TABLE IF NOT EXISTS dws.dws_shop_hour
(
    biz_day Date COMMENT '业务日：出库按出库日，退款按退款日，售后与退货按售后创建日',
    shop_id Int64 COMMENT '店铺编号',
    biz_hour UInt8 COMMENT '业务小时',
    shop_name LowCardinality(String) COMMENT '店铺名称',
    platform LowCardinality(String) COMMENT '平台',
    out_order_count UInt64 COMMENT '出库单数（一单只在一个店铺的一个小时，可以相加）',
    out_qty Decimal(18, 4) COMMENT '出库数量',
    out_amount Decimal(18, 2) COMMENT '出库金额',
    gmv Decimal(18, 2) COMMENT '出库GMV',
    discount_amount Decimal(18, 2) COMMENT '优惠金额',
    paid_amount Decimal(18, 2) COMMENT '实付金额',
    freight_amount Decimal(18, 2) COMMENT '运费',
    platform_fee Decimal(18, 2) COMMENT '平台扣点',
    refund_order_count UInt64 COMMENT '退款单数（可以相加）',
    refund_amount Decimal(18, 2) COMMENT '退款金额',
    after_sale_count UInt64 COMMENT '售后单数（可以相加）',
    return_qty Decimal(18, 4) COMMENT '退货数量',
    digest UInt64 COMMENT '内容的校验和：没有变化的行不重写',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(biz_day)
ORDER BY (biz_day, shop_id, biz_hour)
SETTINGS index_granularity = 1024
COMMENT '店铺小时汇总：每行一个店铺在一个业务日的一个小时，查询须用 FINAL'
