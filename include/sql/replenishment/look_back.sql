-- What came of the plans of the last half year, until the newest daily stock or the last day they cover.
-- A plan of today has none yet.
INSERT INTO dws.dws_replenishment_outcome (
    replenishment_id, looked_at, until_day, sku_count, arrived_sku_count, ordered_sku_count, ran_out_sku_count,
    sold_qty, arrived_qty, planned_qty, version, is_deleted)
WITH
    proposed AS
    (
        SELECT
            replenishment_id, sku_id, min(toDate(made_at, 'Asia/Shanghai')) AS made_day,
            least(max(cover_until), (SELECT max(day) FROM dws.dws_inventory_day WHERE day < toDate(%(today)s)))
                AS until_day,
            sumIf(qty, kind = 'order') AS planned
        FROM dws.dws_replenishment_line FINAL
        WHERE made_at >= toDate(%(today)s) - 183
        GROUP BY replenishment_id, sku_id
        HAVING until_day >= made_day
    ),
    -- the company's stock at both ends: what was moved between warehouses has not arrived
    stock AS
    (
        SELECT
            replenishment_id, sku_id,
            sumIf(day.qty, day.day = until_day) - sumIf(day.qty, day.day = made_day - 1) AS more,
            ifNull(sumIf(day.purchase_qty, day.day = until_day), 0) AS in_transit,
            ifNull(sumIf(day.purchase_qty, day.day = made_day - 1), 0) AS in_transit_before,
            countIf(day.day = until_day) > 0 AND countIf(day.day = made_day - 1) > 0 AS is_known
        FROM proposed
        INNER JOIN (SELECT day, sku_id, qty, purchase_qty FROM dws.dws_inventory_day FINAL
                    WHERE sku_id IN (SELECT sku_id FROM proposed)) AS day ON day.sku_id = proposed.sku_id
        WHERE day.day = made_day - 1 OR day.day = until_day
        GROUP BY replenishment_id, sku_id
    ),
    sold AS
    (
        SELECT replenishment_id, sku_id, sum(mart.out_qty) AS sold_qty, sum(mart.return_qty) AS returned_qty
        FROM proposed
        INNER JOIN (SELECT biz_day, sku_id, out_qty, return_qty FROM dws.dws_shop_sku_day FINAL
                    WHERE biz_day >= toDate(%(today)s) - 183 AND sku_id IN (SELECT sku_id FROM proposed)) AS mart
            ON mart.sku_id = proposed.sku_id
        WHERE mart.biz_day BETWEEN made_day AND until_day
        GROUP BY replenishment_id, sku_id
    ),
    -- what was on its way when the plan was made comes first, and is none of what it proposed
    came AS
    (
        SELECT
            proposed.replenishment_id AS replenishment_id, proposed.sku_id AS sku_id, until_day, planned,
            sold.sold_qty AS sold_qty,
            greatest(stock.more + sold.sold_qty - sold.returned_qty, 0) AS all_arrived,
            if(stock.is_known, greatest(all_arrived - stock.in_transit_before, 0), 0) AS arrived,
            stock.is_known AND arrived = 0 AND all_arrived + stock.in_transit > stock.in_transit_before AS is_ordered
        FROM proposed
        LEFT JOIN stock ON stock.replenishment_id = proposed.replenishment_id AND stock.sku_id = proposed.sku_id
        LEFT JOIN sold ON sold.replenishment_id = proposed.replenishment_id AND sold.sku_id = proposed.sku_id
    ),
    -- before the goods could be there a plan prevents nothing
    ran_out AS
    (
        SELECT DISTINCT line.replenishment_id AS replenishment_id, line.sku_id AS sku_id
        FROM (SELECT replenishment_id, sku_id, wms_co_id, arrive_by, cover_until FROM dws.dws_replenishment_line FINAL
              WHERE made_at >= toDate(%(today)s) - 183) AS line
        INNER JOIN (SELECT day, sku_id, wms_co_id FROM dws.dws_inventory_day FINAL
                    WHERE available_qty <= 0 AND sku_id IN (SELECT sku_id FROM proposed)) AS day
            ON day.sku_id = line.sku_id AND day.wms_co_id = line.wms_co_id
        WHERE day.day BETWEEN line.arrive_by AND line.cover_until
    )
SELECT
    came.replenishment_id AS replenishment_id,
    toDateTime(%(now)s, 'Asia/Shanghai'), -- looked_at
    max(came.until_day), -- until_day
    count(), -- sku_count
    countIf(came.arrived > 0), -- arrived_sku_count
    countIf(came.is_ordered), -- ordered_sku_count
    countIf(ran_out.sku_id != ''), -- ran_out_sku_count
    sum(came.sold_qty), -- sold_qty
    sum(came.arrived), -- arrived_qty
    sum(came.planned), -- planned_qty
    toUInt64(%(now)s), -- version
    0 -- is_deleted
FROM came
LEFT JOIN ran_out ON ran_out.replenishment_id = came.replenishment_id AND ran_out.sku_id = came.sku_id
GROUP BY came.replenishment_id
