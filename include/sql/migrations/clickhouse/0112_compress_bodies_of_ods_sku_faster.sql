-- As in ods.sale_out.
ALTER TABLE ods.sku MODIFY COLUMN IF EXISTS body CODEC(LZ4)
