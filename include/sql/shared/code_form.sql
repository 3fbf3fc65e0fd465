-- What the spellings of one code have in common: not case, not the width of letters and digits, not blanks around it, not
-- characters that nobody sees. dim.dim_sku_form holds the form of every SKU.
lowerUTF8(trimBoth(normalizeUTF8NFKC(replaceRegexpAll(${of}, '[\\x{AD}\\x{200B}-\\x{200F}\\x{2060}\\x{FEFF}]', ''))))
