-- A SKU in a warehouse.
SELECT * FROM outlook
