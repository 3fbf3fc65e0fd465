CREATE MATERIALIZED VIEW IF NOT EXISTS dim.dim_sku_form_feed
TO dim.dim_sku_form
AS SELECT
    lowerUTF8(trimBoth(normalizeUTF8NFKC(replaceRegexpAll(sku_id, '[\\x{AD}\\x{200B}-\\x{200F}\\x{2060}\\x{FEFF}]', '')))) AS form,
    sku_id
FROM dim.dim_sku
