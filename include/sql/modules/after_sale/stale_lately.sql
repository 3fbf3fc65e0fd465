-- Orders with lines of the codes in ``codes`` whose stored labels differ from the dimensions.
${include modules/after_sale/stale_lines
    codes=SELECT code FROM codes
    lines=(line.key_time, line.as_id) IN (
        SELECT key_time, as_id FROM dws.dws_after_sale WHERE sku_id IN (SELECT code FROM codes))
}
