-- As in dwd.dwd_sale_out.
ALTER TABLE dwd.dwd_inventory MODIFY SETTING min_bytes_for_wide_part = 134217728
