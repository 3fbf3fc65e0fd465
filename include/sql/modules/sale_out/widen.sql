-- Brings dws.dws_sale_out to what DWD says for the orders in touched: lines, spread amounts, labels, vanished lines.
INSERT INTO dws.dws_sale_out
(
    io_id, line_id, o_id, so_id, shop_id, shop_name, platform, status, is_shipped, order_type, sku_id, i_id, sku_name,
    category, brand, qty, price, out_amount, gmv, discount_amount, paid_amount, freight_amount, platform_fee,
    wms_co_id, warehouse_name, receiver_state, created, pay_date, io_date, biz_day, biz_hour, modified, is_abnormal,
    fetched_at, key_time, version, is_deleted
)
WITH
    -- Spreading counts in whole numbers only, so no cent is lost: amounts in cents, weights in 1/10000.
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
            arrayMap((q, p) -> ${include shared/as_money number=toDecimal128(q, 4) * p}, qtys, prices) AS out_amounts,
            ${include shared/as_money number=arraySum(out_amounts)} AS goods,
            arrayMap(q -> if(q > 0, toInt256(toDecimal256(q, 4) * 10000), 0), qtys) AS by_qty,
            arrayMap((q, p) -> if(p > 0, q * toInt256(toDecimal256(p, 4) * 10000), 0), by_qty, prices) AS by_value,
            greatest(1, arrayFirstIndex(q -> q >= 0, qtys)) AS first_normal,
            arrayMap(n -> toInt256(n = first_normal), arrayEnumerate(qtys)) AS by_place,
            multiIf(arraySum(by_value) > 0, by_value, arraySum(by_qty) > 0, by_qty, by_place) AS weights,
            arraySum(weights) AS whole
        FROM orders
    ),
    stored AS
    (
        ${include shared/stored_lines module=sale_out key=io_id}
    ),
    labelled AS
    (
        SELECT
            weighed.*,
            ${include shared/lines_of_all_times} AS all_line_ids,
            length(all_line_ids) AS many,
            length(line_ids) AS present,
            if(shop.name != '', shop.name, shop_name) AS shop_label,
            shop.platform AS platform,
            if(house.name != '', house.name, warehouse) AS warehouse_label,
            coalesce(paid_amount, goods) AS paid,
            arrayMap(amount -> toInt256(toDecimal256(amount, 2) * 100), [
                coalesce(pay_amount, goods),
                coalesce(free_amount, 0),
                paid,
                coalesce(freight, 0),
                ${include shared/as_money number=toDecimal128(paid, 2) * fee.fee_rate}
            ]) AS totals,
            ${include shared/spread}
        FROM weighed
        LEFT JOIN stored ON stored.id = weighed.io_id
        LEFT JOIN (SELECT shop_id AS id, shop_name AS name, platform FROM dim.dim_shop FINAL) AS shop
            ON shop.id = weighed.shop_id
        LEFT JOIN (SELECT wms_co_id AS id, warehouse_name AS name FROM dim.dim_warehouse FINAL) AS house
            ON house.id = weighed.wms_co_id
        ASOF LEFT JOIN (SELECT shop_id AS id, valid_from, fee_rate FROM dim.dim_shop_fee FINAL) AS fee
            ON fee.id = weighed.shop_id AND weighed.biz_day >= fee.valid_from
    )
SELECT
    io_id, line_id, o_id, so_id, shop_id,
    shop_label, -- shop_name
    platform, status,
    status IN ('Confirmed', 'Archive'), -- is_shipped
    order_type,
    if(sku.sku_id != '', sku.sku_id, line_sku_id), -- sku_id
    if(sku.i_id != '', sku.i_id, line_i_id), -- i_id
    if(sku.name != '', sku.name, line_name), -- sku_name
    sku.category, sku.brand,
    line_qty, -- qty
    ${include shared/as_money number=line_price}, -- price
    line_out_amount, -- out_amount
    line_gmv, -- gmv
    line_discount, -- discount_amount
    line_paid, -- paid_amount
    line_freight, -- freight_amount
    line_fee, -- platform_fee
    wms_co_id,
    warehouse_label, -- warehouse_name
    receiver_state, created, pay_date, io_date, biz_day,
    ifNull(toHour(io_date), 0), -- biz_hour
    modified,
    line_qty < 0, -- is_abnormal
    fetched_at, key_time, version,
    n > present -- is_deleted
FROM labelled
-- What is read of a line is joined: an array that is not would be copied for every line. A vanished line, and an order
-- without lines, shows the '' and 0 that an array is made longer with.
ARRAY JOIN
    all_line_ids AS line_id,
    arrayEnumerate(all_line_ids) AS n,
    arrayResize(lines.sku_id, many) AS line_sku_id,
    arrayResize(lines.i_id, many) AS line_i_id,
    arrayResize(lines.name, many) AS line_name,
    arrayResize(qtys, many) AS line_qty,
    arrayResize(prices, many) AS line_price,
    arrayResize(out_amounts, many) AS line_out_amount,
    arrayResize(spread[1], many) AS line_gmv,
    arrayResize(spread[2], many) AS line_discount,
    arrayResize(spread[3], many) AS line_paid,
    arrayResize(spread[4], many) AS line_freight,
    arrayResize(spread[5], many) AS line_fee
LEFT JOIN
(
    ${include shared/skus_meant
        codes=SELECT arrayJoin(lines.sku_id) AS code FROM dwd.dwd_sale_out WHERE io_id IN (SELECT key FROM touched)}
) AS sku ON sku.code = line_sku_id
