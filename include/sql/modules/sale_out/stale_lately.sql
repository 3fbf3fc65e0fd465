-- Orders with lines of the codes in ``codes`` whose stored labels differ from the dimensions.
${include modules/sale_out/stale_lines
    codes=SELECT code FROM codes
    lines=(line.key_time, line.io_id) IN (
        SELECT key_time, io_id FROM dws.dws_sale_out WHERE sku_id IN (SELECT code FROM codes))
}
