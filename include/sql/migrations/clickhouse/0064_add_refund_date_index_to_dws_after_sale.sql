ALTER TABLE dws.dws_after_sale
    ADD INDEX IF NOT EXISTS refund_date_index refund_date TYPE minmax GRANULARITY 1
