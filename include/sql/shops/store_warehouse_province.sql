INSERT INTO dim.dim_warehouse_province
    (wms_co_id, province, version, is_deleted)
VALUES
