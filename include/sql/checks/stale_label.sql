-- Orders and stock whose labels or fees differ from the dimensions, as the relabelling finds them.
SELECT concat('sale_out ', io_id) AS what FROM (${include modules/sale_out/stale})
UNION ALL
SELECT concat('after_sale ', as_id) FROM (${include modules/after_sale/stale})
UNION ALL
SELECT concat('inventory ', sku_id) FROM (${include modules/inventory/stale})
