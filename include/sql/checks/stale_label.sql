-- Orders and stock whose labels or fees differ from the dimensions, as the relabelling finds them.
SELECT concat('sale_out ', io_id) AS what FROM ({stale/sale_out})
UNION ALL
SELECT concat('after_sale ', as_id) FROM ({stale/after_sale})
UNION ALL
SELECT concat('inventory ', sku_id) FROM ({stale/inventory})
