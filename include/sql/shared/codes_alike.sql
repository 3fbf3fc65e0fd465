-- Codes in a wide table that are no SKU's, and are one SKU's but for case, width and blanks: it was not known yet when
-- they were written.
SELECT code
FROM
(
    SELECT DISTINCT sku_id AS code FROM dws.dws_${module} WHERE sku_id NOT IN (SELECT sku_id FROM dim.dim_sku)
)
WHERE ${include shared/code_form of=code} IN (SELECT form FROM dim.dim_sku_form GROUP BY form HAVING uniqExact(sku_id) = 1)
