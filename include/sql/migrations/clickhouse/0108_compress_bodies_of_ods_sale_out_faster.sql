-- What stronger compression saves on disk in the week they are kept, it costs again in every insert and merge.
ALTER TABLE ods.sale_out MODIFY COLUMN IF EXISTS body CODEC(LZ4)
