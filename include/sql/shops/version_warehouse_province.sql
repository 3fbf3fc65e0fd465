SELECT max(version) FROM dim.dim_warehouse_province
