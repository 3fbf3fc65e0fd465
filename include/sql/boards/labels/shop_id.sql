SELECT shop_id, any(shop_name) AS shop_name FROM dim.dim_shop FINAL WHERE shop_id IN %(keys)s GROUP BY shop_id
