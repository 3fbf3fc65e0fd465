-- dwd.dwd_shop -> dim.dim_shop for the keys in touched. The workbook is in charge: a shop it names is left alone.
INSERT INTO dim.dim_shop
    (shop_id, shop_code, shop_name, platform, owner, province, active, in_workbook, version, is_deleted)
SELECT
    shop_id,
    -- leftPad alone would cut a longer id.
    concat('S', leftPad(toString(shop_id), greatest(6, length(toString(shop_id))), '0')), -- shop_code
    shop_name,
    shop_site, -- platform
    '', -- owner
    '', -- province
    1, -- active
    0, -- in_workbook
    (SELECT max(version) + 1 FROM dim.dim_shop), -- version
    0 -- is_deleted
FROM dwd.dwd_shop FINAL
WHERE toString(shop_id) IN (SELECT key FROM touched)
    AND shop_id NOT IN (SELECT shop_id FROM dim.dim_shop FINAL WHERE in_workbook)
    AND (shop_id, shop_name, shop_site) NOT IN (SELECT shop_id, shop_name, platform FROM dim.dim_shop FINAL)
