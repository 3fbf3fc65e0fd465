-- ods.sku -> dwd.dwd_sku for the batches in %(plans)s.
INSERT INTO dwd.dwd_sku
(
    sku_id, i_id, name, short_name, sale_price, cost_price, market_price, properties_value, c_id, category, brand,
    enabled, weight, sku_code, labels, unit, created, modified, ts, plan_id, attempt, ticket, fetched_at, version
)
WITH
    -- Text of the source to values, as in sale_out.sql.
    t -> trimBoth(ifNull(t, '')) AS as_text,
    t -> toDecimal128OrNull(trimBoth(t), 10) AS as_number,
    t -> accurateCastOrNull(round(as_number(t), 4), 'Decimal(18, 4)') AS as_quantity,
    t -> accurateCastOrNull(as_number(t), 'Int64') AS as_integer,
    t -> parseDateTimeOrNull(
        rightPad(left(replaceRegexpAll(t, '[^0-9]', ''), 14), 14, '0'), '%%Y%%m%%d%%H%%i%%s', 'Asia/Shanghai') AS as_stamp,
    t -> if(toYear(as_stamp(t)) >= 2000, as_stamp(t), NULL) AS as_time
SELECT
    key,
    as_text(r.i_id),
    as_text(r.name),
    as_text(r.short_name),
    as_quantity(r.sale_price),
    as_quantity(r.cost_price),
    as_quantity(r.market_price),
    as_text(r.properties_value),
    as_text(r.c_id),
    as_text(r.category),
    as_text(r.brand),
    accurateCastOrNull(as_integer(r.enabled), 'Int8'),
    as_quantity(r.weight),
    as_text(r.sku_code),
    as_text(r.labels),
    as_text(r.unit),
    as_time(r.created),
    as_time(r.modified) AS modified,
    accurateCastOrNull(as_integer(r.ts), 'UInt64') AS ts,
    plan_id,
    attempt,
    ticket,
    fetched_at,
    bitShiftLeft(toUInt64(ifNull(toUnixTimestamp(modified), 0)), 32) + bitAnd(ifNull(ts, ticket), 0xFFFFFFFF) AS version
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at,
        JSONExtract(body, 'Tuple(
            i_id Nullable(String), name Nullable(String), short_name Nullable(String), sale_price Nullable(String),
            cost_price Nullable(String), market_price Nullable(String), properties_value Nullable(String),
            c_id Nullable(String), category Nullable(String), brand Nullable(String), enabled Nullable(String),
            weight Nullable(String), sku_code Nullable(String), labels Nullable(String), unit Nullable(String),
            created Nullable(String), modified Nullable(String), ts Nullable(String))') AS r
    FROM ods.sku
    WHERE plan_id IN %(plan_ids)s AND (plan_id, attempt) IN %(plans)s
)
