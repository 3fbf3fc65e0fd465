-- SKUs that master data, stock, or lines that were read within a week spell in several ways: they differ in case, width
-- or blanks only.
SELECT arrayStringConcat(arraySort(groupArray(sku_id)), ' / ') AS what
FROM
(
    SELECT sku_id FROM dim.dim_sku FINAL
    UNION DISTINCT
    SELECT sku_id FROM dws.dws_inventory FINAL
    UNION DISTINCT
    SELECT arrayJoin(lines.sku_id) FROM dwd.dwd_sale_out WHERE fetched_at > now() - INTERVAL 7 DAY
    UNION DISTINCT
    SELECT arrayJoin(lines.sku_id) FROM dwd.dwd_after_sale WHERE fetched_at > now() - INTERVAL 7 DAY
)
GROUP BY ${include shared/code_form of=sku_id}
HAVING count() > 1
