-- dwd.dwd_warehouse -> dim.dim_warehouse for the keys in touched; the province is what the workbook says.
INSERT INTO dim.dim_warehouse (wms_co_id, warehouse_name, province, version)
SELECT
    house.wms_co_id,
    house.name, -- warehouse_name
    workbook.province, house.version
FROM dwd.dwd_warehouse AS house FINAL
LEFT JOIN (SELECT wms_co_id AS id, province FROM dim.dim_warehouse_province FINAL) AS workbook
    ON workbook.id = house.wms_co_id
WHERE toString(house.wms_co_id) IN (SELECT key FROM touched)
    -- What is as it was is not written: boards would be asked anew every five minutes.
    AND (house.wms_co_id, house.name, workbook.province) NOT IN
        (SELECT wms_co_id, warehouse_name, province FROM dim.dim_warehouse FINAL)
