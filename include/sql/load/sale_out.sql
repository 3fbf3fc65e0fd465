-- ods.sale_out -> dwd.dwd_sale_out for the batches in %(plans)s; touched = their keys.
INSERT INTO dwd.dwd_sale_out
(
    io_id, key_time, o_id, so_id, co_id, shop_id, shop_name, status, order_type, created, modified, io_date, pay_date,
    pay_amount, paid_amount, free_amount, freight, wms_co_id, warehouse, receiver_state, receiver_city, lc_id,
    logistics_company, labels, weight, ts,
    lines.line_id, lines.ioi_id, lines.oi_id, lines.sku_id, lines.i_id, lines.name, lines.properties_value, lines.qty,
    lines.price, lines.sale_price, lines.sale_amount, lines.combine_sku_id, lines.is_gift,
    plan_id, attempt, ticket, fetched_at, version
)
WITH
    -- Text of the source to values; what is empty or cannot be a value is NULL. Rounding is half up, away from zero.
    t -> trimBoth(ifNull(t, '')) AS as_text,
    t -> toDecimal128OrNull(trimBoth(t), 10) AS as_number,
    t -> accurateCastOrNull(round(as_number(t), 2), 'Decimal(18, 2)') AS as_money,
    t -> accurateCastOrNull(round(as_number(t), 4), 'Decimal(18, 4)') AS as_quantity,
    t -> accurateCastOrNull(as_number(t), 'Int64') AS as_integer,
    t -> toUInt8(lower(as_text(t)) IN ('1', 'true')) AS as_flag,
    -- '2026-01-0212:30:00.5', '2026-01-02T12:30:00' and '2026-01-02' are times too: only their digits count.
    t -> parseDateTimeOrNull(
        rightPad(left(replaceRegexpAll(t, '[^0-9]', ''), 14), 14, '0'), '%%Y%%m%%d%%H%%i%%s', 'Asia/Shanghai') AS as_stamp,
    t -> if(toYear(as_stamp(t)) >= 2000, as_stamp(t), NULL) AS as_time
SELECT
    key AS io_id,
    coalesce(
        nullIf(known.key_time, toDateTime(0, 'Asia/Shanghai')),
        min(created) OVER (PARTITION BY key),
        min(modified) OVER (PARTITION BY key),
        toDateTime(0, 'Asia/Shanghai')) AS key_time,
    as_text(r.o_id),
    as_text(r.so_id),
    as_text(r.co_id),
    ifNull(as_integer(r.shop_id), 0),
    as_text(r.shop_name),
    as_text(r.status),
    as_text(r.order_type),
    as_time(r.created) AS created,
    as_time(r.modified) AS modified,
    as_time(r.io_date),
    as_time(r.pay_date),
    as_money(r.pay_amount),
    as_money(r.paid_amount),
    as_money(r.free_amount),
    as_money(r.freight),
    ifNull(as_integer(r.wms_co_id), 0),
    as_text(r.warehouse),
    as_text(r.receiver_state),
    as_text(r.receiver_city),
    as_text(r.lc_id),
    as_text(r.logistics_company),
    as_text(r.labels),
    as_quantity(r.weight),
    accurateCastOrNull(as_integer(r.ts), 'UInt64') AS ts,
    arrayMap((line, n) -> if(as_text(line.ioi_id) != '', as_text(line.ioi_id), toString(n)), items, arrayEnumerate(items)),
    arrayMap(line -> as_text(line.ioi_id), items),
    arrayMap(line -> as_text(line.oi_id), items),
    arrayMap(line -> as_text(line.sku_id), items),
    arrayMap(line -> as_text(line.i_id), items),
    arrayMap(line -> as_text(line.name), items),
    arrayMap(line -> as_text(line.properties_value), items),
    arrayMap(line -> ifNull(as_quantity(line.qty), 0), items),
    arrayMap(line -> as_quantity(line.price), items),
    arrayMap(line -> as_quantity(line.sale_price), items),
    arrayMap(line -> as_money(line.sale_amount), items),
    arrayMap(line -> as_text(line.combine_sku_id), items),
    arrayMap(line -> as_flag(line.is_gift), items),
    plan_id,
    attempt,
    ticket,
    fetched_at,
    bitShiftLeft(toUInt64(ifNull(toUnixTimestamp(modified), 0)), 32) + bitAnd(ifNull(ts, ticket), 0xFFFFFFFF) AS version
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at, r.items AS items,
        JSONExtract(body, 'Tuple(
            o_id Nullable(String), so_id Nullable(String), co_id Nullable(String), shop_id Nullable(String),
            shop_name Nullable(String), status Nullable(String), order_type Nullable(String), created Nullable(String),
            modified Nullable(String), io_date Nullable(String), pay_date Nullable(String), pay_amount Nullable(String),
            paid_amount Nullable(String), free_amount Nullable(String), freight Nullable(String),
            wms_co_id Nullable(String), warehouse Nullable(String), receiver_state Nullable(String),
            receiver_city Nullable(String), lc_id Nullable(String), logistics_company Nullable(String),
            labels Nullable(String), weight Nullable(String), ts Nullable(String),
            items Array(Tuple(
                ioi_id Nullable(String), oi_id Nullable(String), sku_id Nullable(String), i_id Nullable(String),
                name Nullable(String), properties_value Nullable(String), qty Nullable(String), price Nullable(String),
                sale_price Nullable(String), sale_amount Nullable(String), combine_sku_id Nullable(String),
                is_gift Nullable(String))))') AS r
    FROM ods.sale_out
    WHERE plan_id IN %(plan_ids)s AND (plan_id, attempt) IN %(plans)s
) AS raw
-- An order keeps the sort key it was first stored with: another one would be a second row in the wide table.
LEFT JOIN
(
    SELECT io_id, any(key_time) AS key_time
    FROM dwd.dwd_sale_out
    WHERE io_id IN (SELECT key FROM touched)
    GROUP BY io_id
) AS known ON known.io_id = raw.key
