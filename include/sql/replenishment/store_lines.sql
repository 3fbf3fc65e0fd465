INSERT INTO dws.dws_replenishment_line (
    replenishment_id, line_number, kind, priority, sku_id, wms_co_id, warehouse_name, from_wms_co_id,
    from_warehouse_name, i_id, sku_name, category, qty, needed_qty, daily_demand, stock_qty, available_qty,
    in_transit_qty, run_out_day, arrive_by, cover_until, reason, cost_price, amount, made_at, version, is_deleted) VALUES
