INSERT INTO dim.dim_sku_form (form, sku_id)
SELECT DISTINCT
    lowerUTF8(trimBoth(normalizeUTF8NFKC(replaceRegexpAll(sku_id, '[\\x{AD}\\x{200B}-\\x{200F}\\x{2060}\\x{FEFF}]', '')))) AS form,
    sku_id
FROM dim.dim_sku
