-- Those of ``codes`` that are no SKU's, and are one SKU's but for case, width and blanks: it was not known yet when rows were
-- written with them.
SELECT code
FROM (${codes})
WHERE code NOT IN (SELECT sku_id FROM dim.dim_sku)
    AND ${include shared/code_form of=code} IN (SELECT form FROM dim.dim_sku_form GROUP BY form HAVING uniqExact(sku_id) = 1)
