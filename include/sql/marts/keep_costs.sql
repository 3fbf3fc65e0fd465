-- Keeps what lines cost, of one day or of what is touched of it: as the dimension says when a line is first counted as
-- shipped, or when it first says anything. A line that has a cost keeps it, and a closed month gets none it did not have:
-- what something costs today says nothing about it.
INSERT INTO dwd.dwd_line_cost (io_id, line_id, sku_id, cost_price, is_known)
WITH
shipped AS
(
${include metrics/tables/shipped}
),
lines AS
(
    SELECT io_id, line_id, sku_id
    FROM shipped
    WHERE day = toDate(%(day)s)
        AND (%(closed_too)s OR day >= ${include shared/closed_until})
        AND sku_id != ''
        AND (%(whole)s OR (shop_id, hour, sku_id, i_id) IN (SELECT shop_id, hour, sku_id, i_id FROM touched))
)
SELECT
    lines.io_id, lines.line_id, lines.sku_id,
    cost, -- cost_price
    cost IS NOT NULL -- is_known
FROM lines
LEFT JOIN
(
    SELECT sku_id AS code, cost_price AS cost
    FROM dim.dim_sku FINAL
    -- a cost of 0 is one that was never entered
    WHERE cost_price > 0 AND (%(whole)s OR sku_id IN (SELECT sku_id FROM touched))
) AS sku ON sku.code = lines.sku_id
LEFT JOIN
(
    SELECT io_id, line_id, sku_id, 1 AS stored, is_known
    FROM dwd.dwd_line_cost FINAL
    WHERE io_id IN (SELECT io_id FROM lines)
) AS kept ON kept.io_id = lines.io_id AND kept.line_id = lines.line_id AND kept.sku_id = lines.sku_id
WHERE kept.stored = 0 OR (kept.is_known = 0 AND cost IS NOT NULL)
