CREATE TABLE IF NOT EXISTS dim.dim_warehouse
(
    wms_co_id Int64,
    warehouse_name String,
    province LowCardinality(String),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY wms_co_id
COMMENT 'Warehouses'
