SELECT shop_id, shop_code, shop_name, platform, owner, province, active FROM dim.dim_shop FINAL WHERE in_workbook
