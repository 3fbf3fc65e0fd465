SELECT max(version) FROM dim.dim_shop_fee
