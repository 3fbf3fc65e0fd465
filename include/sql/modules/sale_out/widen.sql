-- Brings dws.dws_sale_out to what DWD says for the orders in touched: lines, spread amounts, labels, vanished lines.
INSERT INTO dws.dws_sale_out
(
    io_id, line_id, o_id, so_id, shop_id, shop_name, platform, status, is_shipped, order_type, sku_id, i_id, sku_name,
    category, brand, qty, price, out_amount, gmv, discount_amount, paid_amount, freight_amount, platform_fee,
    wms_co_id, warehouse_name, receiver_state, created, pay_date, io_date, biz_day, biz_hour, modified, is_abnormal,
    fetched_at, key_time, version, is_deleted
)
WITH
    ${include shared/as_money},
    -- Spreading counts in whole numbers only, so no cent is lost: amounts in cents, weights in 1/10000.
    d -> toInt256(toDecimal256(d, 4) * 10000) AS units,
    orders AS
    (
        SELECT
            *,
            ifNull(toDate(io_date), toDate(0)) AS biz_day,
            if(empty(lines.line_id), ['0'], lines.line_id) AS line_ids,
            if(empty(lines.line_id), [toDecimal64(0, 4)], lines.qty) AS qtys,
            arrayMap((p, sale_price) -> coalesce(p, sale_price, 0), lines.price, lines.sale_price) AS line_prices,
            if(empty(lines.line_id), [toDecimal64(0, 4)], line_prices) AS prices
        FROM dwd.dwd_sale_out FINAL
        WHERE io_id IN (SELECT key FROM touched)
    ),
    -- What a line weighs: qty x price, else qty, else all on the first line that is not abnormal (qty < 0).
    weighed AS
    (
        SELECT
            *,
            arrayMap((q, p) -> as_money(toDecimal128(q, 4) * p), qtys, prices) AS out_amounts,
            as_money(arraySum(out_amounts)) AS goods,
            arrayMap((q, p) -> if(q > 0 AND p > 0, units(q) * units(p), 0), qtys, prices) AS by_value,
            arrayMap(q -> if(q > 0, units(q), 0), qtys) AS by_qty,
            greatest(1, arrayFirstIndex(q -> q >= 0, qtys)) AS first_normal,
            arrayMap(n -> toInt256(n = first_normal), arrayEnumerate(qtys)) AS by_place,
            multiIf(arraySum(by_value) > 0, by_value, arraySum(by_qty) > 0, by_qty, by_place) AS weights
        FROM orders
    ),
    stored AS
    (
        ${include shared/stored_lines module=sale_out key=io_id}
    ),
    -- Largest remainder: every line its whole cents, the cents left over to the largest rests, ties in line order.
    total -> arrayMap(w -> intDiv(abs(total) * w, arraySum(weights)), weights) AS shares,
    total -> arrayMap(w -> modulo(abs(total) * w, arraySum(weights)), weights) AS rests,
    total -> arraySlice(
        arraySort((n, rest) -> (-rest, n), arrayEnumerate(weights), rests(total)),
        1, toInt64(abs(total) - arraySum(shares(total)))) AS one_more,
    c -> CAST(toDecimal256(c, 2) / 100, 'Decimal(18, 2)') AS from_cents,
    labelled AS
    (
        SELECT
            weighed.*,
            arrayConcat(line_ids, arrayFilter(id -> NOT has(line_ids, id), stored.ever)) AS all_line_ids,
            if(shop.name != '', shop.name, shop_name) AS shop_label,
            shop.platform AS platform,
            if(house.name != '', house.name, warehouse) AS warehouse_label,
            coalesce(paid_amount, goods) AS paid,
            arrayMap(
                total -> arrayMap(
                    (share, n) -> from_cents(sign(total) * (share + has(one_more(total), n))),
                    shares(total), arrayEnumerate(weights)),
                arrayMap(amount -> toInt256(toDecimal256(amount, 2) * 100), [
                    coalesce(pay_amount, goods),
                    coalesce(free_amount, 0),
                    paid,
                    coalesce(freight, 0),
                    as_money(toDecimal128(paid, 2) * fee.fee_rate)
                ])) AS spread
        FROM weighed
        LEFT JOIN stored ON stored.id = weighed.io_id
        LEFT JOIN (SELECT shop_id AS id, shop_name AS name, platform FROM dim.dim_shop FINAL) AS shop
            ON shop.id = weighed.shop_id
        LEFT JOIN (SELECT wms_co_id AS id, warehouse_name AS name FROM dim.dim_warehouse FINAL) AS house
            ON house.id = weighed.wms_co_id
        ASOF LEFT JOIN (SELECT shop_id AS id, valid_from, fee_rate FROM dim.dim_shop_fee FINAL) AS fee
            ON fee.id = weighed.shop_id AND weighed.biz_day >= fee.valid_from
    )
-- An array read past its end gives '' or 0: that is what a vanished line shows, and what an order without lines has.
SELECT
    io_id, line_id, o_id, so_id, shop_id,
    shop_label, -- shop_name
    platform, status,
    status IN ('Confirmed', 'Archive'), -- is_shipped
    order_type,
    if(sku.sku_id != '', sku.sku_id, line_sku_id), -- sku_id
    if(sku.i_id != '', sku.i_id, lines.i_id[n]), -- i_id
    if(sku.name != '', sku.name, lines.name[n]), -- sku_name
    sku.category, sku.brand,
    qtys[n] AS qty,
    as_money(prices[n]), -- price
    out_amounts[n], -- out_amount
    spread[1][n], -- gmv
    spread[2][n], -- discount_amount
    spread[3][n], -- paid_amount
    spread[4][n], -- freight_amount
    spread[5][n], -- platform_fee
    wms_co_id,
    warehouse_label, -- warehouse_name
    receiver_state, created, pay_date, io_date, biz_day,
    ifNull(toHour(io_date), 0), -- biz_hour
    modified,
    qty < 0, -- is_abnormal
    fetched_at, key_time, version,
    n > length(line_ids) -- is_deleted
FROM
(
    SELECT *, line_id, n, lines.sku_id[n] AS line_sku_id
    FROM labelled
    ARRAY JOIN all_line_ids AS line_id, arrayEnumerate(all_line_ids) AS n
) AS line
LEFT JOIN
(
    ${include shared/skus_meant
        codes=SELECT arrayJoin(lines.sku_id) AS code FROM dwd.dwd_sale_out WHERE io_id IN (SELECT key FROM touched)}
) AS sku ON sku.code = line.line_sku_id
