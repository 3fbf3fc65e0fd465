SELECT shop_id, valid_from, fee_rate FROM dim.dim_shop_fee FINAL
