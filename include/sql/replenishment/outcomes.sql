-- What came of these plans.
SELECT
    replenishment_id, until_day, sku_count, arrived_sku_count, arrived_qty, planned_qty, ordered_sku_count,
    ran_out_sku_count, sold_qty
FROM dws.dws_replenishment_outcome FINAL
WHERE replenishment_id IN %(ids)s
