-- Orders whose stored labels differ from the dimensions.
${include modules/after_sale/stale_lines lines=1 codes=SELECT DISTINCT sku_id AS code FROM dws.dws_after_sale}
