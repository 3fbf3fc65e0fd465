-- What a plan may be limited to: categories and warehouses that have stock.
SELECT
    arraySort(groupUniqArrayIf(toString(category), category != '')),
    arraySort(groupUniqArrayIf((wms_co_id, toString(warehouse_name)), wms_co_id != 0))
FROM dws.dws_inventory FINAL
