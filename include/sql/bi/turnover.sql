-- Every SKU whose stock was ever seen, once: its stock now, all warehouses together, and what was shipped in the seven
-- complete days before. What is 0 or 1 of a SKU adds up to a number of SKUs. Negative rows count where a SKU is short.
SELECT
    stock.sku_id AS sku_id, i_id, sku_name, category, brand, closing, oversold,
    stock.closing > 0 AS in_stock,
    stock.is_enabled AND stock.on_hand <= 0 AS out_of_stock,
    ifNull(stock.on_hand < stock.safety, 0) AS below_safety,
    negative,
    ifNull(week.sold, 0) AS sold,
    least(7, greatest(1, ifNull(toDate(now('Asia/Shanghai')) - toDate(made.created), 7))) AS days_on_sale
FROM
(
    SELECT
        sku_id,
        nullIf(any(i_id), '') AS i_id,
        any(sku_name) AS sku_name,
        any(category) AS category,
        any(brand) AS brand,
        max(ifNull(enabled = 1, 0)) AS is_enabled,
        sum(if(is_abnormal, 0, qty)) AS closing,
        sum(qty) AS on_hand,
        sum(oversold_qty) AS oversold,
        max(is_abnormal) AS negative,
        coalesce(anyIf(min_qty, wms_co_id = 0), sum(min_qty), max(safety_qty)) AS safety
    FROM dws.dws_inventory FINAL
    GROUP BY sku_id
) AS stock
LEFT JOIN
(
    SELECT sku_id, sum(qty) AS sold
    FROM dws.dws_sale_out FINAL
    WHERE ${include shared/counts_as_shipped}
        AND biz_day BETWEEN toDate(now('Asia/Shanghai')) - 7 AND toDate(now('Asia/Shanghai')) - 1
    GROUP BY sku_id
) AS week ON week.sku_id = stock.sku_id
LEFT JOIN (SELECT sku_id, created FROM dim.dim_sku FINAL) AS made ON made.sku_id = stock.sku_id
