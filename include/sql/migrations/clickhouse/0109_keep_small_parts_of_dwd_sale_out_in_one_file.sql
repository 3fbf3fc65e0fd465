-- A load's rows are few and its columns many: a file for each column costs more than the rows. Settings of parts to come.
ALTER TABLE dwd.dwd_sale_out MODIFY SETTING min_bytes_for_wide_part = 134217728
