SELECT * FROM stock WHERE NOT is_abnormal
