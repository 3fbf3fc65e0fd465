-- Orders that were read lately, and stock, whose labels or fees differ from the dimensions, as the relabelling finds them. All
-- orders are searched by it every night.
SELECT concat('sale_out ', io_id) AS what
FROM
(
    ${include modules/sale_out/stale_lines
        lines=line.fetched_at > now() - INTERVAL 2 HOUR
        codes=SELECT DISTINCT sku_id AS code FROM dws.dws_sale_out WHERE fetched_at > now() - INTERVAL 2 HOUR
    }
)
UNION ALL
SELECT concat('sale_out ', io_id)
FROM (${include modules/sale_out/stale_fees lines=line.fetched_at > now() - INTERVAL 2 HOUR})
UNION ALL
SELECT concat('after_sale ', as_id)
FROM
(
    ${include modules/after_sale/stale_lines
        lines=line.fetched_at > now() - INTERVAL 2 HOUR
        codes=SELECT DISTINCT sku_id AS code FROM dws.dws_after_sale WHERE fetched_at > now() - INTERVAL 2 HOUR
    }
)
UNION ALL
SELECT concat('inventory ', sku_id) FROM (${include modules/inventory/stale})
