-- SKUs and warehouses that the last look did not see any more.
INSERT INTO dws.dws_sku_outlook
    (sku_id, wms_co_id, warehouse_name, i_id, sku_name, category, enabled, pattern, basis, available_qty, daily_demand,
    days_of_stock, run_out_at, made_at, version, is_deleted)
SELECT
    sku_id, wms_co_id, warehouse_name, i_id, sku_name, category, enabled, pattern, basis, available_qty, daily_demand,
    days_of_stock, run_out_at, made_at,
    %(version)s, -- version
    1 -- is_deleted
FROM dws.dws_sku_outlook FINAL
WHERE version < %(version)s
