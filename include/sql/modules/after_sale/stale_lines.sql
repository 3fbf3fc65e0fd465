-- Orders with ``lines`` whose stored labels differ from the dimensions; as in widen, an unknown SKU or shop changes nothing.
-- ``codes``: those of the lines.
SELECT DISTINCT as_id
FROM dws.dws_after_sale AS line FINAL
LEFT JOIN (SELECT sku_id, i_id, name, category FROM dim.dim_sku FINAL) AS sku ON sku.sku_id = line.sku_id
LEFT JOIN (SELECT shop_id, shop_name AS name, platform FROM dim.dim_shop FINAL) AS shop ON shop.shop_id = line.shop_id
WHERE ${lines}
    AND ((sku.sku_id != '' AND (
            (sku.i_id != '' AND sku.i_id != line.i_id)
            OR (sku.name != '' AND sku.name != line.sku_name)
            OR sku.category != line.category))
        OR line.sku_id IN (${include shared/codes_alike})
        OR (shop.name != '' AND (shop.name != line.shop_name OR shop.platform != line.platform))
        OR is_quality != (trimBoth(question_type) IN (SELECT question_type FROM dim.dim_quality_question FINAL)))
