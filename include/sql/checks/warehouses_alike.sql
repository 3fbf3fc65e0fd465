-- Warehouses that show the same of every SKU they share: the source takes no notice of which one it is asked for, and each
-- piece is counted once for each of them. A few SKUs may be alike by chance.
SELECT concat(toString(skus), ' 个商品在几个仓库的库存完全相同') AS what
FROM
(
    SELECT count() AS skus, max(kinds_of_row) AS most
    FROM
    (
        SELECT sku_id, uniqExact(qty, order_lock, modified) AS kinds_of_row
        FROM dws.dws_inventory FINAL
        WHERE wms_co_id != 0
        GROUP BY sku_id
        HAVING count() > 1
            AND max(abs(qty)) > 0
    )
)
WHERE most = 1 AND skus >= 20
