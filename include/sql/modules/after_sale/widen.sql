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
            as_id, io_id, o_id, so_id, shop_id, shop_name, type, status, state, question_type, created, confirm_date,
            modified, fetched_at, key_time, version, lines.sku_id AS sku_ids, lines.i_id AS i_ids, lines.name AS names,
            lines.r_qty AS returned,
            if(empty(lines.line_id), ['0'], lines.line_id) AS line_ids,
            arrayResize(lines.qty, length(line_ids)) AS qtys,
            arrayMap(q -> toInt128(greatest(q, 0) * 10000), qtys) AS by_qty,
            arrayResize(lines.price, length(line_ids)) AS prices,
            arrayMap((q, p) -> q * toInt128(greatest(ifNull(p, 0), 0) * 10000), by_qty, prices) AS by_value,
            toInt128(ifNull(refund, 0) * 100) AS cents
        FROM dwd.dwd_after_sale FINAL
        WHERE as_id IN (SELECT key FROM touched)
    ),
    weighed AS
    (
        SELECT
            *,
            -- What a line weighs: qty x price, else qty, else all on the first line that is not abnormal (qty < 0).
            multiIf(
                arraySum(by_value) > 0, by_value,
                arraySum(by_qty) > 0, by_qty,
                arrayMap(n -> toInt128(n = greatest(1, arrayFirstIndex(q -> q >= 0, qtys))), arrayEnumerate(qtys))
            ) AS weights,
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
            arrayConcat(line_ids, arrayFilter(id -> NOT has(line_ids, id), stored.ever)) AS all_line_ids,
            -- Largest remainder: every line its whole cents, the cents left over to the largest rests, in line order.
            arrayMap(w -> intDiv(abs(cents) * w, whole), weights) AS shares,
            arraySlice(
                arraySort((n, w) -> (-modulo(abs(cents) * w, whole), n), arrayEnumerate(weights), weights),
                1, toInt64(abs(cents) - arraySum(shares))) AS one_more,
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
-- An array read past its end gives '' or 0: that is what a vanished line shows, and what an order without lines has.
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
    if(sku.i_id != '', sku.i_id, i_ids[n]), -- i_id
    if(sku.name != '', sku.name, names[n]), -- sku_name
    sku.category,
    qtys[n] AS qty,
    returned[n], -- return_qty
    CAST(toDecimal128(sign(cents) * (shares[n] + has(one_more, n)), 2) / 100, 'Decimal(18, 2)'), -- refund_amount
    created, confirm_date,
    ifNull(toDate(created), toDate(0)), -- biz_day
    ifNull(toHour(created), 0), -- biz_hour
    modified,
    round(toDecimal64(dateDiff('second', created, refund_date), 6) / 3600, 2), -- handle_hours
    qty < 0, -- is_abnormal
    fetched_at, key_time, version,
    n > length(line_ids) -- is_deleted
FROM labelled
ARRAY JOIN
    all_line_ids AS line_id,
    arrayEnumerate(all_line_ids) AS n,
    arrayResize(sku_ids, length(all_line_ids)) AS line_sku_id
LEFT JOIN
(
    ${include shared/skus_meant
        codes=SELECT arrayJoin(lines.sku_id) AS code FROM dwd.dwd_after_sale WHERE as_id IN (SELECT key FROM touched)}
) AS sku ON sku.code = line_sku_id
