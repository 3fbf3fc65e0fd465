-- Windows of modified are counted, and what was read lately is checked, without reading all orders there are.
ALTER TABLE dwd.dwd_sale_out
    ADD INDEX IF NOT EXISTS modified_index modified TYPE minmax GRANULARITY 1,
    ADD INDEX IF NOT EXISTS fetched_at_index fetched_at TYPE minmax GRANULARITY 1
