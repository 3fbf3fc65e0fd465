CREATE TABLE IF NOT EXISTS dws.dws_inventory
(
    sku_id String COMMENT '商品编码',
    wms_co_id Int64 COMMENT '仓库编号（0 为全部仓库合计）',
    warehouse_name LowCardinality(String) COMMENT '仓库名称',
    warehouse_province LowCardinality(String) COMMENT '仓库省份',
    i_id String COMMENT '款式编码',
    sku_name String COMMENT '商品名称',
    category LowCardinality(String) COMMENT '分类',
    brand LowCardinality(String) COMMENT '品牌',
    enabled Nullable(Int8) COMMENT '启用状态（1 启用，0 备用，-1 禁用；无商品资料为空）',
    qty Decimal(18, 4) COMMENT '库存数量',
    order_lock Decimal(18, 4) COMMENT '订单占用',
    pick_lock Nullable(Decimal(18, 4)) COMMENT '拣货占用（含在订单占用内）',
    available_qty Decimal(18, 4) COMMENT '可用库存 = 库存数量 − 订单占用，不小于 0',
    oversold_qty Decimal(18, 4) COMMENT '超卖数量 = 订单占用 − 库存数量，不小于 0',
    virtual_qty Nullable(Decimal(18, 4)) COMMENT '虚拟库存',
    purchase_qty Nullable(Decimal(18, 4)) COMMENT '采购在途',
    return_qty Nullable(Decimal(18, 4)) COMMENT '销退仓库存',
    in_qty Nullable(Decimal(18, 4)) COMMENT '进货仓库存',
    defective_qty Nullable(Decimal(18, 4)) COMMENT '次品库存',
    min_qty Nullable(Decimal(18, 4)) COMMENT '安全库存下限（源系统未给为空）',
    max_qty Nullable(Decimal(18, 4)) COMMENT '安全库存上限（源系统未给为空）',
    safety_qty Nullable(Decimal(18, 4)) COMMENT '安全库存（源系统未给为空）',
    cost_price Decimal(18, 2) COMMENT '成本价（商品资料未给为 0）',
    sale_price Decimal(18, 2) COMMENT '售价（商品资料未给为 0）',
    stock_value Decimal(18, 2) COMMENT '库存金额 = 库存数量 × 成本价',
    is_abnormal UInt8 COMMENT '异常行（数量 < 0）',
    modified Nullable(DateTime('Asia/Shanghai')) COMMENT '修改时间',
    fetched_at DateTime('Asia/Shanghai') COMMENT '从源系统读取的时间',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (sku_id, wms_co_id)
SETTINGS index_granularity = 1024
COMMENT '库存宽表：每行一个商品在一个仓库的库存，查询须用 FINAL'
