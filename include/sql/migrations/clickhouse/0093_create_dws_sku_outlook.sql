CREATE TABLE IF NOT EXISTS dws.dws_sku_outlook
(
    sku_id String COMMENT '商品编码',
    wms_co_id Int64 COMMENT '仓库编号（0 为全部仓库合计）',
    warehouse_name LowCardinality(String) COMMENT '仓库名称',
    i_id String COMMENT '款式编码',
    sku_name String COMMENT '商品名称',
    category LowCardinality(String) COMMENT '分类',
    enabled UInt8 COMMENT '启用（源系统未给按启用）',
    pattern LowCardinality(String) COMMENT '销售形态：平稳、波动、间歇、零散、无动销',
    basis String COMMENT '依据：看了多少天，或按同款补足',
    available_qty Decimal(18, 4) COMMENT '计算时的可用库存 = 库存数量 − 订单占用，不小于 0',
    daily_demand Decimal(18, 4) COMMENT '预计日销：到卖完为止（卖不完为 180 天）每天平均卖多少件，含星期与大促，已扣能再卖的退货',
    days_of_stock Nullable(Decimal(18, 4)) COMMENT '可售天数 = 可用库存 ÷ 预计日销；没有销量为空',
    run_out_at Nullable(DateTime('Asia/Shanghai')) COMMENT '预计卖完的时间；180 天内卖不完为空',
    made_at DateTime('Asia/Shanghai') COMMENT '计算时间',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (sku_id, wms_co_id)
SETTINGS index_granularity = 1024
COMMENT '商品可售展望：每行一个商品在一个仓库，按预测还能卖多久，每小时重算，查询须用 FINAL'
