-- Lines of a quantity below 0 that were read within a day, and stock below 0: the metrics leave them out.
SELECT concat('sale_out ', io_id, ' 明细 ', line_id) AS what
FROM dws.dws_sale_out FINAL
WHERE is_abnormal AND fetched_at > now() - INTERVAL 1 DAY
UNION ALL
SELECT concat('after_sale ', as_id, ' 明细 ', line_id)
FROM dws.dws_after_sale FINAL
WHERE is_abnormal AND fetched_at > now() - INTERVAL 1 DAY
UNION ALL
SELECT concat('商品 ', sku_id, if(wms_co_id = 0, '', concat(' 仓库 ', toString(wms_co_id))), ' 库存 ', toString(qty))
FROM dws.dws_inventory FINAL
WHERE is_abnormal
