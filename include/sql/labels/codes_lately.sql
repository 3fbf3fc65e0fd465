-- Codes in a wide table whose labels may have changed: of SKUs that came since a moment, and of lines that are spelled like
-- one of them.
SELECT code
FROM (SELECT DISTINCT sku_id AS code FROM dws.dws_${module})
WHERE code IN (SELECT sku_id FROM dim.dim_sku WHERE fetched_at >= fromUnixTimestamp64Milli(%(since)s))
    OR ${include shared/code_form of=code} IN (
        SELECT ${include shared/code_form of=sku_id}
        FROM dim.dim_sku
        WHERE fetched_at >= fromUnixTimestamp64Milli(%(since)s))
