-- Warehouses.
SELECT *
FROM dim.dim_warehouse FINAL
