INSERT INTO dim.dim_shop
    (shop_id, shop_code, shop_name, platform, owner, province, active, version, is_deleted)
VALUES
