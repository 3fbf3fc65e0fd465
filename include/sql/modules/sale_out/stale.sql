-- Orders whose stored labels or fees differ from the dimensions.
${include modules/sale_out/stale_lines lines=1 codes=SELECT DISTINCT sku_id AS code FROM dws.dws_sale_out}
UNION DISTINCT
SELECT io_id FROM (${include modules/sale_out/stale_fees lines=1})
