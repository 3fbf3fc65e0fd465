ALTER TABLE dim.dim_shop
    ADD COLUMN IF NOT EXISTS in_workbook UInt8 DEFAULT 1 COMMENT '0: the source lists it, the workbook does not name it'
    AFTER active
