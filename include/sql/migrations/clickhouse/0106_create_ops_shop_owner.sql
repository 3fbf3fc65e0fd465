CREATE TABLE IF NOT EXISTS ops.shop_owner
(
    shop_id Int64 COMMENT '店铺编号',
    account String COMMENT '与这家店有关的账号：负责人账号，或工作表“人员”里写了这家店的人',
    version UInt64 COMMENT '版本',
    is_deleted UInt8 COMMENT '已删除'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (shop_id, account)
COMMENT '消息里提到谁：每家店与谁有关，以生效的店铺工作簿为准；没有行的店是未归属'
