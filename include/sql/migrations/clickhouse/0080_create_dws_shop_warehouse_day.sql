CREATE TABLE IF NOT EXISTS dws.dws_shop_warehouse_day
(
    biz_day Date COMMENT '业务日：出库日',
    shop_id Int64 COMMENT '店铺编号',
    wms_co_id Int64 COMMENT '仓库编号',
    shop_name LowCardinality(String) COMMENT '店铺名称',
    platform LowCardinality(String) COMMENT '平台',
    warehouse_name LowCardinality(String) COMMENT '仓库名称',
    out_order_count UInt64 COMMENT '出库单数（一单只在一个店铺的一个仓库，可以相加）',
    out_qty Decimal(18, 4) COMMENT '出库数量',
    out_amount Decimal(18, 2) COMMENT '出库金额',
    gmv Decimal(18, 2) COMMENT '出库GMV',
    discount_amount Decimal(18, 2) COMMENT '优惠金额',
    paid_amount Decimal(18, 2) COMMENT '实付金额',
    freight_amount Decimal(18, 2) COMMENT '运费',
    platform_fee Decimal(18, 2) COMMENT '平台扣点',
    digest UInt64 COMMENT '内容的校验和：没有变化的行不重写',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(biz_day)
ORDER BY (biz_day, shop_id, wms_co_id)
SETTINGS index_granularity = 1024
COMMENT '店铺仓库日汇总：每行一个店铺从一个仓库在一个业务日的出库，查询须用 FINAL'
