-- The key of a record of stock, as it lies in Kafka: of one warehouse, or the total over all.
if(wms_co_id = 0, sku_id, concat(sku_id, '@', toString(wms_co_id)))
