CREATE TABLE IF NOT EXISTS dws.dws_replenishment_line
(
    replenishment_id Int64 COMMENT '补货计划编号',
    line_number UInt32 COMMENT '行号：最急的在前',
    kind LowCardinality(String) COMMENT '做法：order 采购，move 调拨',
    priority UInt32 COMMENT '1 最急',
    sku_id String COMMENT '商品编码',
    wms_co_id Int64 COMMENT '收货仓库编号（0 为全部仓库合计）',
    warehouse_name LowCardinality(String) COMMENT '收货仓库名称',
    from_wms_co_id Int64 COMMENT '调出仓库编号（采购为 0）',
    from_warehouse_name LowCardinality(String) COMMENT '调出仓库名称（采购为空）',
    i_id String COMMENT '款式编码',
    sku_name String COMMENT '商品名称',
    category LowCardinality(String) COMMENT '分类',
    qty Int64 COMMENT '建议数量',
    needed_qty Int64 COMMENT '不受预算限制时的数量',
    daily_demand Decimal(18, 4) COMMENT '预计每天卖出',
    stock_qty Decimal(18, 4) COMMENT '做计划时的库存数量',
    available_qty Decimal(18, 4) COMMENT '做计划时的可用库存（超卖为负）',
    in_transit_qty Decimal(18, 4) COMMENT '做计划时的采购在途',
    run_out_day Nullable(Date) COMMENT '不补货预计哪一天卖完（预计卖不完为空）',
    reason String COMMENT '为什么是这个数量',
    cost_price Decimal(18, 2) COMMENT '做计划时的成本价（未知为 0）',
    amount Decimal(18, 2) COMMENT '采购金额 = 建议数量 × 成本价（调拨为 0）',
    made_at DateTime('Asia/Shanghai') COMMENT '计划的时间',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (replenishment_id, line_number)
SETTINGS index_granularity = 1024
COMMENT '补货计划：每行一个商品在一个仓库的采购或调拨建议，写入后不再改变，查询须用 FINAL'
