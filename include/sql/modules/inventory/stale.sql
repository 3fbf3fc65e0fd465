-- SKUs whose stored labels or prices differ from the dimensions, compared as widen/inventory.sql writes them.
SELECT DISTINCT stock.sku_id
FROM dws.dws_inventory AS stock FINAL
LEFT JOIN
(
    SELECT
        code AS id, i_id, name, category, brand, enabled,
        ${include shared/as_money number=cost_price} AS cost,
        ${include shared/as_money number=sale_price} AS sale
    FROM
    (
        ${include shared/skus_meant codes=SELECT sku_id AS code FROM dws.dws_inventory}
    )
) AS sku ON sku.id = stock.sku_id
LEFT JOIN (SELECT wms_co_id AS id, warehouse_name, province FROM dim.dim_warehouse FINAL) AS house
    ON house.id = stock.wms_co_id
WHERE (sku.id != '' AND (
        (sku.i_id != '' AND sku.i_id != stock.i_id)
        OR (sku.name != '' AND sku.name != stock.sku_name)
        OR (sku.category, sku.brand) != (stock.category, stock.brand)
        OR (sku.cost, sku.sale) != (stock.cost_price, stock.sale_price)
        OR ifNull(sku.enabled, 2) != ifNull(stock.enabled, 2))) -- 2: unknown
    OR (house.id != 0 AND (house.warehouse_name, house.province) != (stock.warehouse_name, stock.warehouse_province))
