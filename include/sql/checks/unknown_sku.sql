-- SKUs that stock, or orders that were read within a week, name and the dimension lacks: category and brand are empty.
SELECT concat(sku_id, '（', any(module), '）') AS what
FROM
(
    SELECT sku_id, 'sale_out' AS module FROM dws.dws_sale_out FINAL WHERE fetched_at > now() - INTERVAL 7 DAY
    UNION ALL
    SELECT sku_id, 'after_sale' FROM dws.dws_after_sale FINAL WHERE fetched_at > now() - INTERVAL 7 DAY
    UNION ALL
    SELECT sku_id, 'inventory' FROM dws.dws_inventory FINAL
)
WHERE sku_id != '' AND ${include shared/code_form of=sku_id} NOT IN (SELECT form FROM dim.dim_sku_form)
GROUP BY sku_id
