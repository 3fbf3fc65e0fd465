CREATE TABLE IF NOT EXISTS dim.dim_warehouse_province
(
    wms_co_id Int64,
    province LowCardinality(String),
    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY wms_co_id
COMMENT 'Provinces of the warehouses, from the workbook; widen puts them into dim_warehouse'
