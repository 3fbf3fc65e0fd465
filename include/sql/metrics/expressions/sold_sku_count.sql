uniqExactIf(sku_id, sku_id != '')
