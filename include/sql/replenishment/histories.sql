-- What happened to every SKU in every warehouse where it is, or was sold from, on the days from %(first)s to the day before
-- %(today)s: (day, pieces shipped, lines, pieces back that can be sold again, 1 where nothing could be sold at its end).
-- Quantities of the day before the first are only asked for its end. Where the source gives totals of stock
-- (%(are_totals)s), all is place 0. What comes back does so to the warehouse that shipped it; quality problems are not
-- sold again, nor is what was sold more than 60 days before.
WITH
    sold AS
    (
        SELECT o_id, sku_id AS sku, if(%(are_totals)s, 0, wms_co_id) AS place, biz_day AS day, qty
        FROM dws.dws_sale_out FINAL
        WHERE ${include shared/counts_as_shipped} AND sku_id != '' AND qty > 0
            AND biz_day >= toDate(%(first)s) - 60 AND biz_day < toDate(%(today)s)
    ),
    returned AS
    (
        SELECT o_id, sku_id AS sku, biz_day AS day, sum(return_qty) AS pieces
        FROM dws.dws_after_sale FINAL
        WHERE ${include shared/counts_as_after_sale} AND NOT is_quality AND return_qty > 0 AND o_id NOT IN ('', '0')
            AND biz_day >= toDate(%(first)s) AND biz_day < toDate(%(today)s)
        GROUP BY o_id, sku_id, biz_day
    )
SELECT
    sku, place, any(made.made_on) AS created_on,
    groupArrayIf((day, pieces, lines, back, empty), day >= toDate(%(first)s) - 1) AS days
FROM
(
    SELECT sku, place, day, toFloat64(sum(qty)) AS pieces, toUInt32(count()) AS lines, toFloat64(0) AS back, 0 AS empty
    FROM sold
    WHERE day >= toDate(%(first)s)
    GROUP BY sku, place, day
    UNION ALL
    SELECT returned.sku, origin.from_place, returned.day, toFloat64(0), 0, toFloat64(sum(returned.pieces)), 0
    FROM returned
    INNER JOIN
    (
        SELECT o_id, sku, min(place) AS from_place
        FROM sold
        WHERE (o_id, sku) IN (SELECT o_id, sku FROM returned)
        GROUP BY o_id, sku
    ) AS origin ON origin.o_id = returned.o_id AND origin.sku = returned.sku
    GROUP BY returned.sku, origin.from_place, returned.day
    UNION ALL
    SELECT sku_id, wms_co_id, day, toFloat64(0), 0, toFloat64(0), 1
    FROM dws.dws_inventory_day FINAL
    WHERE day >= toDate(%(first)s) - 1 AND day < toDate(%(today)s) AND qty <= order_lock
        AND (wms_co_id = 0) = %(are_totals)s
    UNION ALL
    SELECT sku_id, wms_co_id, toDate('1970-01-01'), toFloat64(0), 0, toFloat64(0), 0 -- there, whatever happened
    FROM dws.dws_inventory FINAL
    WHERE sku_id != ''
) AS happened
LEFT JOIN (SELECT sku_id, toDate(created) AS made_on FROM dim.dim_sku FINAL) AS made ON made.sku_id = happened.sku
GROUP BY sku, place
