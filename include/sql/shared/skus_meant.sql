-- What each of ``codes`` means: the SKU spelled so, else the only one that is spelled so but for case, width and blanks.
SELECT codes.code AS code, sku_id, i_id, name, category, brand, enabled, cost_price, sale_price
FROM (SELECT DISTINCT code, ${include shared/code_form of=code} AS form FROM (${codes})) AS codes
INNER JOIN
(
    SELECT
        ${include shared/code_form of=sku_id} AS form, sku_id, i_id, name, category, brand, enabled, cost_price,
        sale_price, count() OVER (PARTITION BY form) AS alike
    FROM dim.dim_sku FINAL
    WHERE sku_id IN
    (
        SELECT sku_id FROM dim.dim_sku_form WHERE form IN (SELECT ${include shared/code_form of=code} FROM (${codes}))
    )
) AS skus ON skus.form = codes.form
WHERE sku_id = code OR alike = 1
