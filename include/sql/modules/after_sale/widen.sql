-- Brings dws.dws_after_sale to what DWD says for the orders in touched: lines, spread refund, labels, vanished lines.
INSERT INTO dws.dws_after_sale
(
    as_id, line_id, io_id, o_id, so_id, shop_id, shop_name, platform, type, source_status, status, is_refund,
    refund_date, question_type, is_quality, sku_id, i_id, sku_name, category, qty, return_qty, refund_amount, created,
    confirm_date, biz_day, biz_hour, modified, handle_hours, is_abnormal, fetched_at, key_time, version, is_deleted
)
WITH
    -- Spreading counts in whole numbers only, so no cent is lost: the refund in cents, weights in units.
    orders AS
    (
        SELECT
            *,
            if(empty(lines.line_id), ['0'], lines.line_id) AS line_ids,
            arrayResize(lines.qty, length(line_ids)) AS qtys,
            arrayResize(lines.price, length(line_ids)) AS prices
        FROM dwd.dwd_after_sale FINAL
        WHERE as_id IN (SELECT key FROM touched)
    ),
    -- What a line weighs: qty x price, else qty, else all on the first line that is not abnormal (qty < 0).
    weighed AS
    (
        SELECT
            *,
            arrayMap(q -> toInt256(greatest(q, 0) * 10000), qtys) AS by_qty,
            arrayMap((q, p) -> q * toInt256(greatest(ifNull(p, 0), 0) * 10000), by_qty, prices) AS by_value,
            greatest(1, arrayFirstIndex(q -> q >= 0, qtys)) AS first_normal,
            arrayMap(n -> toInt256(n = first_normal), arrayEnumerate(qtys)) AS by_place,
            multiIf(arraySum(by_value) > 0, by_value, arraySum(by_qty) > 0, by_qty, by_place) AS weights,
            arraySum(weights) AS whole
        FROM orders
    ),
    stored AS
    (
        ${include shared/stored_lines module=after_sale key=as_id}
    ),
    labelled AS
    (
        SELECT
            weighed.*,
            ${include shared/lines_of_all_times} AS all_line_ids,
            length(all_line_ids) AS many,
            length(line_ids) AS present,
            [toInt256(ifNull(refund, 0) * 100)] AS totals,
            ${include shared/spread},
            if(shop.name != '', shop.name, shop_name) AS shop_label,
            shop.platform AS platform,
            if(state = '已退款', coalesce(confirm_date, seen.first), NULL) AS refund_date
        FROM weighed
        LEFT JOIN stored ON stored.id = weighed.as_id
        LEFT JOIN (SELECT shop_id AS id, shop_name AS name, platform FROM dim.dim_shop FINAL) AS shop
            ON shop.id = weighed.shop_id
        LEFT JOIN
        (
            SELECT as_id AS id, min(seen_at) AS first
            FROM dwd.dwd_refund_seen
            WHERE as_id IN (SELECT key FROM touched)
            GROUP BY id
        ) AS seen ON seen.id = weighed.as_id
    )
SELECT
    as_id, line_id, io_id, o_id, so_id, shop_id,
    shop_label, -- shop_name
    platform, type,
    status, -- source_status
    state, -- status
    state = '已退款', -- is_refund
    refund_date, question_type,
    trimBoth(question_type) IN (SELECT question_type FROM dim.dim_quality_question FINAL), -- is_quality
    if(sku.sku_id != '', sku.sku_id, line_sku_id), -- sku_id
    if(sku.i_id != '', sku.i_id, line_i_id), -- i_id
    if(sku.name != '', sku.name, line_name), -- sku_name
    sku.category,
    line_qty, -- qty
    line_returned, -- return_qty
    line_refund, -- refund_amount
    created, confirm_date,
    ifNull(toDate(created), toDate(0)), -- biz_day
    ifNull(toHour(created), 0), -- biz_hour
    modified,
    round(toDecimal64(dateDiff('second', created, refund_date), 6) / 3600, 2), -- handle_hours
    line_qty < 0, -- is_abnormal
    fetched_at, key_time, version,
    n > present -- is_deleted
FROM labelled
-- As in sale_out, an array that is not joined would be copied for every line.
ARRAY JOIN
    all_line_ids AS line_id,
    arrayEnumerate(all_line_ids) AS n,
    arrayResize(lines.sku_id, many) AS line_sku_id,
    arrayResize(lines.i_id, many) AS line_i_id,
    arrayResize(lines.name, many) AS line_name,
    arrayResize(qtys, many) AS line_qty,
    arrayResize(lines.r_qty, many) AS line_returned,
    arrayResize(spread[1], many) AS line_refund
LEFT JOIN
(
    ${include shared/skus_meant
        codes=SELECT arrayJoin(lines.sku_id) AS code FROM dwd.dwd_after_sale WHERE as_id IN (SELECT key FROM touched)}
) AS sku ON sku.code = line_sku_id
