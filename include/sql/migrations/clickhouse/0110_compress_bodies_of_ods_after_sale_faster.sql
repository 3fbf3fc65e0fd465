-- As in ods.sale_out.
ALTER TABLE ods.after_sale MODIFY COLUMN IF EXISTS body CODEC(LZ4)
