-- Records whose modified is later than now by more than clocks differ: questions by time do not find them until then.
SELECT concat('sale_out ', io_id, ' ', toString(modified)) AS what
FROM dwd.dwd_sale_out FINAL
WHERE modified > now() + INTERVAL 15 MINUTE
UNION ALL
SELECT concat('after_sale ', as_id, ' ', toString(modified))
FROM dwd.dwd_after_sale FINAL
WHERE modified > now() + INTERVAL 15 MINUTE
UNION ALL
SELECT concat('inventory ', sku_id, ' ', toString(modified))
FROM (SELECT DISTINCT sku_id, modified FROM dwd.dwd_inventory FINAL WHERE modified > now() + INTERVAL 15 MINUTE)
UNION ALL
SELECT concat('sku ', sku_id, ' ', toString(modified))
FROM dwd.dwd_sku FINAL
WHERE modified > now() + INTERVAL 15 MINUTE
