-- Orders and stock whose wide rows are not of the newest version that was cleaned, or lack, or have no order behind them.
SELECT concat('sale_out ', io_id) AS what
FROM
(
    SELECT io_id, version, 1 AS cleaned FROM dwd.dwd_sale_out FINAL
    UNION ALL
    SELECT io_id, version, 0 FROM dws.dws_sale_out FINAL
)
GROUP BY io_id
HAVING min(version) != max(version) OR min(cleaned) = max(cleaned)
UNION ALL
SELECT concat('after_sale ', as_id)
FROM
(
    SELECT as_id, version, 1 AS cleaned FROM dwd.dwd_after_sale FINAL
    UNION ALL
    SELECT as_id, version, 0 FROM dws.dws_after_sale FINAL
)
GROUP BY as_id
HAVING min(version) != max(version) OR min(cleaned) = max(cleaned)
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
