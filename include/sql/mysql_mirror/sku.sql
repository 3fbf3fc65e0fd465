-- The SKU dimension as MySQL's dim_sku shows it, by column name.
SELECT
    sku_id, i_id, name, short_name, properties_value, toString(category) AS category, toString(brand) AS brand,
    toString(unit) AS unit, enabled, sale_price, cost_price,
    formatDateTime(created, '%F %T') AS created, formatDateTime(modified, '%F %T') AS modified
FROM dim.dim_sku FINAL
