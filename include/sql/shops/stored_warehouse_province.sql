SELECT wms_co_id, province FROM dim.dim_warehouse_province FINAL
