CREATE TABLE IF NOT EXISTS dws.dws_after_sale
(
    as_id String COMMENT '售后单号',
    line_id String COMMENT '明细编号',
    io_id String COMMENT '出库单号',
    o_id String COMMENT '内部订单号',
    so_id String COMMENT '平台订单号',
    shop_id Int64 COMMENT '店铺编号',
    shop_name LowCardinality(String) COMMENT '店铺名称',
    platform LowCardinality(String) COMMENT '平台',
    type LowCardinality(String) COMMENT '售后类型',
    source_status LowCardinality(String) COMMENT '状态（源系统原值）',
    status LowCardinality(String) COMMENT '状态（待审核、已收货、已退款、已取消、未知）',
    is_refund UInt8 COMMENT '已退款',
    refund_date Nullable(DateTime('Asia/Shanghai')) COMMENT '退款时间（确认时间，未给时为首次见到已退款的修改时间；未退款为空）',
    question_type LowCardinality(String) COMMENT '问题类型',
    is_quality UInt8 COMMENT '质量问题（问题类型在质量问题清单内）',
    sku_id String COMMENT '商品编码',
    i_id String COMMENT '款式编码',
    sku_name String COMMENT '商品名称',
    category LowCardinality(String) COMMENT '分类',
    qty Decimal(18, 4) COMMENT '申请数量',
    return_qty Decimal(18, 4) COMMENT '实收退货数量',
    refund_amount Decimal(18, 2) COMMENT '退款金额（分摊到行）',
    created Nullable(DateTime('Asia/Shanghai')) COMMENT '创建时间',
    confirm_date Nullable(DateTime('Asia/Shanghai')) COMMENT '确认时间',
    biz_day Date COMMENT '业务日（创建日；无创建时间为 1970-01-01）',
    biz_hour UInt8 COMMENT '业务小时',
    modified Nullable(DateTime('Asia/Shanghai')) COMMENT '修改时间',
    handle_hours Nullable(Decimal(18, 2)) COMMENT '处理时长（小时）= 退款时间 − 创建时间',
    is_abnormal UInt8 COMMENT '异常行（数量 < 0）',
    fetched_at DateTime('Asia/Shanghai') COMMENT '从源系统读取的时间',
    key_time DateTime('Asia/Shanghai') COMMENT '排序与分区所用的时间，每单固定不变',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除',
    INDEX as_id_index as_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX biz_day_index biz_day TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(key_time)
ORDER BY (toStartOfHour(key_time), as_id, line_id)
SETTINGS index_granularity = 1024
COMMENT '售后宽表：每行一条售后明细，查询须用 FINAL'
