-- As in ods.sale_out.
ALTER TABLE ods.inventory MODIFY COLUMN IF EXISTS body CODEC(LZ4)
