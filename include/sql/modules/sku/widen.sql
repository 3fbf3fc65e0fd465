-- dwd.dwd_sku -> dim.dim_sku for the keys in touched.
INSERT INTO dim.dim_sku
(
    sku_id, i_id, name, short_name, sale_price, cost_price, market_price, properties_value, c_id, category, brand,
    enabled, weight, sku_code, labels, unit, created, modified, ts, fetched_at, version
)
SELECT
    sku_id, i_id, name, short_name, sale_price, cost_price, market_price, properties_value, c_id, category, brand,
    enabled, weight, sku_code, labels, unit, created, modified, ts, fetched_at, version
FROM dwd.dwd_sku FINAL
WHERE sku_id IN (SELECT key FROM touched)
