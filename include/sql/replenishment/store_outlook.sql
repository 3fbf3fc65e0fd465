INSERT INTO dws.dws_sku_outlook
    (sku_id, wms_co_id, warehouse_name, i_id, sku_name, category, enabled, pattern, basis, available_qty, daily_demand,
    days_of_stock, run_out_at, made_at, version, is_deleted)
VALUES
