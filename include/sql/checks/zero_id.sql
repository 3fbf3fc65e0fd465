-- Rows of earlier versions under an id that is 0, which is none: each stands for one of many records.
SELECT concat('sale_out ', io_id) AS what
FROM dws.dws_sale_out FINAL
WHERE ${include shared/id of=io_id} = ''
GROUP BY io_id
UNION ALL
SELECT concat('after_sale ', as_id)
FROM dws.dws_after_sale FINAL
WHERE ${include shared/id of=as_id} = ''
GROUP BY as_id
UNION ALL
SELECT concat('inventory ', sku_id)
FROM dws.dws_inventory FINAL
WHERE ${include shared/id of=sku_id} = ''
