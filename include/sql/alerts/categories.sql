-- The categories of SKUs: the board of stock is filtered by them.
SELECT sku_id, any(category) FROM dim.dim_sku FINAL WHERE sku_id IN %(skus)s GROUP BY sku_id
