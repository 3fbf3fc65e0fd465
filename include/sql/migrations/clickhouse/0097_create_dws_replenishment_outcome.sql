CREATE TABLE IF NOT EXISTS dws.dws_replenishment_outcome
(
    replenishment_id Int64 COMMENT '补货计划编号',
    looked_at DateTime('Asia/Shanghai') COMMENT '回头看的时间',
    until_day Date COMMENT '看到哪一天（计划覆盖期的最后一天，或昨天）',
    sku_count UInt32 COMMENT '计划里的商品数',
    arrived_sku_count UInt32 COMMENT '其中后来到了货的（库存加卖出、减退货，多于做计划时）',
    ordered_sku_count UInt32 COMMENT '其中已下单还没到的（采购在途多于做计划时）',
    ran_out_sku_count UInt32 COMMENT '其中仍然断过货的（有一天结束时可用库存为 0）',
    sold_qty Decimal(18, 4) COMMENT '这些商品此后的出库数量',
    arrived_qty Decimal(18, 4) COMMENT '这些商品此后的到货数量（估算：库存变化 + 出库 − 退货）',
    planned_qty Decimal(18, 4) COMMENT '计划采购的数量',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY replenishment_id
SETTINGS index_granularity = 128
COMMENT '补货计划后来怎样：每行一份计划，查询须用 FINAL'
