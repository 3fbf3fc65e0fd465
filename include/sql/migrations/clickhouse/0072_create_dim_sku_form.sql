CREATE TABLE IF NOT EXISTS dim.dim_sku_form
(
    form String COMMENT 'What the spellings of one code have in common: not case, width, or blanks around it',
    sku_id String COMMENT 'The code as the dimension spells it'
)
ENGINE = ReplacingMergeTree
ORDER BY (form, sku_id)
SETTINGS index_granularity = 128
COMMENT 'SKUs by what their spellings have in common; filled by dim_sku_form_feed'
