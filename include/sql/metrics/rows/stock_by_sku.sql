-- Every SKU once per cut. Negative rows count: -3 is out of stock, below the safety stock and oversold.
SELECT
    ${cuts}sku_id AS sku,
    max(is_enabled) AS enabled,
    sum(qty) AS on_hand,
    sumIf(qty, NOT is_abnormal) AS usable,
    sum(oversold_qty) AS oversold,
    max(is_abnormal) AS negative,
    sumIf(qty, is_abnormal) AS below_zero,
    coalesce(anyIf(min_qty, wms_co_id = 0), sum(min_qty), max(safety_qty)) AS safety
FROM stock
GROUP BY ${cuts}sku
