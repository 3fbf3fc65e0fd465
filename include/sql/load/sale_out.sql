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
    -- Text of the source to numbers; what is empty or cannot be one is NULL. Rounding is half up, away from zero.
    t -> toDecimal128OrNull(trimBoth(t), 10) AS as_number,
    t -> accurateCastOrNull(round(as_number(t), 2), 'Decimal(18, 2)') AS as_money,
    t -> accurateCastOrNull(round(as_number(t), 4), 'Decimal(18, 4)') AS as_quantity,
    toDateTime(0, 'Asia/Shanghai') AS never
SELECT
    key,
    -- An order keeps the sort key it was first stored with: another one would be a second row in the wide table.
    multiIf(
        known.key_time != never, known.key_time,
        max(created) OVER (PARTITION BY key) != never, minIf(created, created != never) OVER (PARTITION BY key),
        min(modified) OVER (PARTITION BY key)),
    r.o_id, r.so_id, r.co_id,
    ifNull(toInt64(numbers[1]), 0),
    r.shop_name, r.status, r.order_type,
    nullIf(created, never), nullIf(modified, never), nullIf(times[3], never), nullIf(times[4], never),
    amounts[1], amounts[2], amounts[3], amounts[4],
    ifNull(toInt64(numbers[2]), 0),
    r.warehouse, r.receiver_state, r.receiver_city, r.lc_id, r.logistics_company, r.labels,
    as_quantity(r.weight),
    ts,
    arrayMap((id, n) -> if(id != '', id, toString(n)), items.ioi_id, arrayEnumerate(items)),
    items.ioi_id, items.oi_id, items.sku_id, items.i_id, items.name, items.properties_value,
    arrayMap(t -> ifNull(as_quantity(t), 0), items.qty),
    arrayMap(t -> as_quantity(t), items.price),
    arrayMap(t -> as_quantity(t), items.sale_price),
    arrayMap(t -> as_money(t), items.sale_amount),
    items.combine_sku_id,
    arrayMap(t -> lower(t) IN ('1', 'true'), items.is_gift),
    plan_id, attempt, ticket, fetched_at,
    bitShiftLeft(toUInt64(toUnixTimestamp(modified)), 32) + bitAnd(ifNull(ts, ticket), 0xFFFFFFFF)
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at, r, r.items AS items,
        arrayMap(t -> accurateCastOrNull(as_number(t), 'Int64'), [r.shop_id, r.wms_co_id, r.ts]) AS numbers,
        arrayMap(t -> as_money(t), [r.pay_amount, r.paid_amount, r.free_amount, r.freight]) AS amounts,
        -- '2026-01-0212:30:00.5', '2026-01-02T12:30:00' and '2026-01-02' are times too: only their digits count.
        arrayMap(
            t -> parseDateTimeOrZero(
                rightPad(left(replaceRegexpAll(t, '[^0-9]', ''), 14), 14, '0'), '%%Y%%m%%d%%H%%i%%s', 'Asia/Shanghai'),
            [r.created, r.modified, r.io_date, r.pay_date]) AS stamps,
        arrayMap(t -> if(toYear(t) >= 2000, t, never), stamps) AS times,
        times[1] AS created,
        times[2] AS modified,
        toUInt64(numbers[3]) AS ts
    FROM
    (
        SELECT
            key, plan_id, attempt, ticket, fetched_at,
            JSONExtract(body, 'Tuple(
                o_id String, so_id String, co_id String, shop_id String, shop_name String, status String,
                order_type String, created String, modified String, io_date String, pay_date String, pay_amount String,
                paid_amount String, free_amount String, freight String, wms_co_id String, warehouse String,
                receiver_state String, receiver_city String, lc_id String, logistics_company String, labels String,
                weight String, ts String,
                items Array(Tuple(
                    ioi_id String, oi_id String, sku_id String, i_id String, name String, properties_value String,
                    qty String, price String, sale_price String, sale_amount String, combine_sku_id String,
                    is_gift String)))') AS r
        FROM ods.sale_out
        WHERE plan_id IN %(plan_ids)s AND (plan_id, attempt) IN %(plans)s
    )
) AS raw
LEFT JOIN
(
    SELECT io_id, any(key_time) AS key_time
    FROM dwd.dwd_sale_out
    WHERE io_id IN (SELECT key FROM touched)
    GROUP BY io_id
) AS known ON known.io_id = raw.key
