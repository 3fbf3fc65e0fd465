-- What was there before the index has none; a month's refunds would be looked for in all of it.
ALTER TABLE dws.dws_after_sale MATERIALIZE INDEX refund_date_index
