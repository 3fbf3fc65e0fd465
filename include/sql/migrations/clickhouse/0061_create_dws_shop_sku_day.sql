CREATE TABLE IF NOT EXISTS dws.dws_shop_sku_day
(
    biz_day Date COMMENT '业务日：出库按出库日，退款按退款日，退货数量按售后创建日',
    shop_id Int64 COMMENT '店铺编号',
    sku_id String COMMENT '商品编码',
    shop_name LowCardinality(String) COMMENT '店铺名称',
    platform LowCardinality(String) COMMENT '平台',
    i_id String COMMENT '款式编码',
    sku_name String COMMENT '商品名称',
    category LowCardinality(String) COMMENT '分类',
    out_qty Decimal(18, 4) COMMENT '出库数量',
    out_amount Decimal(18, 2) COMMENT '出库金额',
    gmv Decimal(18, 2) COMMENT '出库GMV',
    discount_amount Decimal(18, 2) COMMENT '优惠金额',
    paid_amount Decimal(18, 2) COMMENT '实付金额',
    freight_amount Decimal(18, 2) COMMENT '运费',
    platform_fee Decimal(18, 2) COMMENT '平台扣点',
    refund_amount Decimal(18, 2) COMMENT '退款金额',
    return_qty Decimal(18, 4) COMMENT '退货数量',
    out_orders AggregateFunction(uniqExact, String) COMMENT '含该商品的出库单（uniqExactMerge 得出库单数，任何切分都不重复）',
    refund_orders AggregateFunction(uniqExact, String) COMMENT '含该商品的退款单（uniqExactMerge 得退款单数，任何切分都不重复）',
    digest UInt64 COMMENT '内容的校验和：没有变化的行不重写',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(biz_day)
ORDER BY (biz_day, shop_id, sku_id)
SETTINGS index_granularity = 1024
COMMENT '店铺商品日汇总：每行一个店铺的一个商品在一个业务日，查询须用 FINAL'
