-- The lines of a plan for its file, the most urgent first.
SELECT
    line.kind, line.sku_id, line.sku_name, sku.properties_value, line.i_id, line.category,
    line.warehouse_name, line.from_warehouse_name, line.available_qty, line.in_transit_qty, line.daily_demand,
    line.run_out_day, line.qty, line.needed_qty, line.reason${cost}
FROM dws.dws_replenishment_line AS line FINAL
LEFT JOIN (SELECT sku_id, properties_value FROM dim.dim_sku FINAL) AS sku ON sku.sku_id = line.sku_id
WHERE line.replenishment_id = %(id)s
ORDER BY line.line_number
