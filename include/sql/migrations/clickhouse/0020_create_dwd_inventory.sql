CREATE TABLE IF NOT EXISTS dwd.dwd_inventory
(
    sku_id String,
    wms_co_id Int64 COMMENT '0: the total over all warehouses',
    i_id String,
    name String,
    qty Nullable(Decimal(18, 4)),
    order_lock Nullable(Decimal(18, 4)),
    pick_lock Nullable(Decimal(18, 4)),
    virtual_qty Nullable(Decimal(18, 4)),
    purchase_qty Nullable(Decimal(18, 4)),
    return_qty Nullable(Decimal(18, 4)),
    in_qty Nullable(Decimal(18, 4)),
    defective_qty Nullable(Decimal(18, 4)),
    allocate_qty Nullable(Decimal(18, 4)),
    sale_refund_qty Nullable(Decimal(18, 4)),
    lock_qty Nullable(Decimal(18, 4)),
    min_qty Nullable(Decimal(18, 4)),
    max_qty Nullable(Decimal(18, 4)),
    modified Nullable(DateTime('Asia/Shanghai')),
    ts Nullable(UInt64) COMMENT 'Row version of the source, where it gives one',
    plan_id String,
    attempt UInt32,
    ticket UInt64,
    fetched_at DateTime64(3, 'Asia/Shanghai'),
    version UInt64 COMMENT 'unix(modified) * 2^32 + low 32 bits of ts, else of the ticket'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (sku_id, wms_co_id)
SETTINGS index_granularity = 256
COMMENT 'Stock, cleaned: one row per SKU and warehouse'
