-- How many sale-outs: distinct numbers, and distinct ids of those that have none (dws_sale_out.io_number). Rows of
-- something else have neither.
uniqExactIf(io_number, io_number > 0) + uniqExactIf(io_id, io_number = 0 AND io_id != '')
