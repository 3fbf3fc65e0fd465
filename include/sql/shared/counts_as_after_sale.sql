-- Which lines of dws_after_sale count: neither cancelled ones nor abnormal lines (qty < 0).
status != '已取消'
    AND NOT is_abnormal
