INSERT INTO dim.dim_shop_fee
    (shop_id, valid_from, fee_rate, version, is_deleted)
VALUES
