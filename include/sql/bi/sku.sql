-- SKUs as the source has them, cost left out.
SELECT * EXCEPT cost_price REPLACE (nullIf(i_id, '') AS i_id)
FROM dim.dim_sku FINAL
