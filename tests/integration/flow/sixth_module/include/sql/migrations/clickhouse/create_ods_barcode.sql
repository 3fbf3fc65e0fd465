CREATE TABLE IF NOT EXISTS ods.barcode AS ods.sku
