-- dwd.dwd_shop -> dim.dim_shop for the keys in touched. The workbook is in charge: a shop it names is left alone.
INSERT INTO dim.dim_shop
    (shop_id, shop_code, shop_name, platform, owner, province, active, in_workbook, version, is_deleted)
SELECT
    shop_id,
    concat('S', leftPad(toString(shop_id), greatest(6, length(toString(shop_id))), '0')), -- it would cut a longer id
    shop_name, shop_site, '', '', 1, 0, (SELECT max(version) + 1 FROM dim.dim_shop), 0
FROM dwd.dwd_shop FINAL
WHERE toString(shop_id) IN (SELECT key FROM touched)
    AND shop_id NOT IN (SELECT shop_id FROM dim.dim_shop FINAL WHERE in_workbook)
    AND (shop_id, shop_name, shop_site) NOT IN (SELECT shop_id, shop_name, platform FROM dim.dim_shop FINAL)
