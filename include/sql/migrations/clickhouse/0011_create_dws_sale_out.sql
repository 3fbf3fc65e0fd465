CREATE TABLE IF NOT EXISTS dws.dws_sale_out
(
    io_id String COMMENT '出库单号',
    line_id String COMMENT '明细编号',
    o_id String COMMENT '内部订单号',
    so_id String COMMENT '平台订单号',
    shop_id Int64 COMMENT '店铺编号',
    shop_name LowCardinality(String) COMMENT '店铺名称',
    platform LowCardinality(String) COMMENT '平台',
    status LowCardinality(String) COMMENT '状态（源系统原值）',
    is_shipped UInt8 COMMENT '已出库（Confirmed、Archive）',
    order_type LowCardinality(String) COMMENT '订单类型',
    sku_id String COMMENT '商品编码',
    i_id String COMMENT '款式编码',
    sku_name String COMMENT '商品名称',
    category LowCardinality(String) COMMENT '分类',
    brand LowCardinality(String) COMMENT '品牌',
    qty Decimal(18, 4) COMMENT '数量',
    price Decimal(18, 2) COMMENT '单价',
    out_amount Decimal(18, 2) COMMENT '出库金额 = 数量 × 单价',
    gmv Decimal(18, 2) COMMENT '应付金额（分摊到行）',
    discount_amount Decimal(18, 2) COMMENT '优惠金额（分摊到行）',
    paid_amount Decimal(18, 2) COMMENT '实付金额（分摊到行）',
    freight_amount Decimal(18, 2) COMMENT '运费（分摊到行）',
    platform_fee Decimal(18, 2) COMMENT '平台扣点 = 实付 × 出库时费率（分摊到行）',
    wms_co_id Int64 COMMENT '仓库编号',
    warehouse_name LowCardinality(String) COMMENT '仓库名称',
    receiver_state LowCardinality(String) COMMENT '收货省份',
    created Nullable(DateTime('Asia/Shanghai')) COMMENT '创建时间',
    pay_date Nullable(DateTime('Asia/Shanghai')) COMMENT '付款时间',
    io_date Nullable(DateTime('Asia/Shanghai')) COMMENT '出库时间',
    biz_day Date COMMENT '业务日（出库日；未出库为 1970-01-01）',
    biz_hour UInt8 COMMENT '业务小时',
    modified Nullable(DateTime('Asia/Shanghai')) COMMENT '修改时间',
    is_abnormal UInt8 COMMENT '异常行（数量 < 0）',
    fetched_at DateTime('Asia/Shanghai') COMMENT '从源系统读取的时间',
    key_time DateTime('Asia/Shanghai') COMMENT '排序与分区所用的时间，每单固定不变',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除',
    INDEX io_id_index io_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX biz_day_index biz_day TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(key_time)
ORDER BY (toStartOfHour(key_time), io_id, line_id)
SETTINGS index_granularity = 1024
COMMENT '销售出库宽表：每行一条出库明细，查询须用 FINAL'
