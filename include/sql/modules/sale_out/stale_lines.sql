-- Orders with ``lines`` whose stored labels differ from the dimensions; as in widen, what a dimension does not know changes
-- nothing. ``codes``: those of the lines.
SELECT DISTINCT io_id
FROM dws.dws_sale_out AS line FINAL
LEFT JOIN (SELECT sku_id, i_id, name, category, brand FROM dim.dim_sku FINAL) AS sku ON sku.sku_id = line.sku_id
LEFT JOIN (SELECT shop_id, shop_name AS name, platform FROM dim.dim_shop FINAL) AS shop ON shop.shop_id = line.shop_id
LEFT JOIN (SELECT wms_co_id AS id, warehouse_name AS name FROM dim.dim_warehouse FINAL) AS house
    ON house.id = line.wms_co_id
WHERE ${lines}
    AND ((sku.sku_id != '' AND (
            (sku.i_id != '' AND sku.i_id != line.i_id)
            OR (sku.name != '' AND sku.name != line.sku_name)
            OR sku.category != line.category
            OR sku.brand != line.brand))
        OR line.sku_id IN (${include shared/codes_alike})
        OR (shop.name != '' AND (shop.name != line.shop_name OR shop.platform != line.platform))
        OR (house.name != '' AND house.name != line.warehouse_name))
