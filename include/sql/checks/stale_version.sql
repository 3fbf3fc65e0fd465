-- Orders that were read lately, and stock, whose wide rows are not of the newest version that was cleaned, or lack, or have
-- no order behind them. All orders: stale_version_all.
${include shared/stale_versions
    module=sale_out
    key=io_id
    cleaned=io_id IN (
        SELECT io_id FROM dwd.dwd_sale_out WHERE fetched_at > now() - INTERVAL 2 HOUR
        UNION DISTINCT
        SELECT io_id FROM dws.dws_sale_out WHERE fetched_at > now() - INTERVAL 2 HOUR)
    wide=(key_time, io_id) IN (
        SELECT key_time, io_id FROM dwd.dwd_sale_out WHERE fetched_at > now() - INTERVAL 2 HOUR
        UNION DISTINCT
        SELECT key_time, io_id FROM dws.dws_sale_out WHERE fetched_at > now() - INTERVAL 2 HOUR)
    settled=1
}
UNION ALL
${include shared/stale_versions
    module=after_sale
    key=as_id
    cleaned=as_id IN (
        SELECT as_id FROM dwd.dwd_after_sale WHERE fetched_at > now() - INTERVAL 2 HOUR
        UNION DISTINCT
        SELECT as_id FROM dws.dws_after_sale WHERE fetched_at > now() - INTERVAL 2 HOUR)
    wide=(key_time, as_id) IN (
        SELECT key_time, as_id FROM dwd.dwd_after_sale WHERE fetched_at > now() - INTERVAL 2 HOUR
        UNION DISTINCT
        SELECT key_time, as_id FROM dws.dws_after_sale WHERE fetched_at > now() - INTERVAL 2 HOUR)
    settled=1
}
UNION ALL
SELECT concat('inventory ', sku_id, ' 仓库 ', toString(wms_co_id))
FROM
(
    SELECT sku_id, wms_co_id, version, 1 AS cleaned FROM dwd.dwd_inventory FINAL
    WHERE ${include shared/stock_kind kinds=${shown} branch=wms_co_id}
    UNION ALL
    SELECT sku_id, wms_co_id, version, 0 FROM dws.dws_inventory FINAL
)
GROUP BY sku_id, wms_co_id
HAVING min(version) != max(version) OR min(cleaned) = max(cleaned)
