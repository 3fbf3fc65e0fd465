-- ods.sale_out -> dwd.dwd_sale_out for the records in touched: their key and where each lies in Kafka.
INSERT INTO dwd.dwd_sale_out
(
    io_id, key_time, o_id, so_id, co_id, shop_id, shop_name, status, order_type, created, modified, io_date, pay_date,
    pay_amount, paid_amount, free_amount, freight, wms_co_id, warehouse, receiver_state, receiver_city, lc_id,
    logistics_company, labels, weight, ts,
    lines.line_id, lines.ioi_id, lines.oi_id, lines.sku_id, lines.i_id, lines.name, lines.properties_value, lines.qty,
    lines.price, lines.sale_price, lines.sale_amount, lines.combine_sku_id, lines.is_gift,
    plan_id, attempt, ticket, fetched_at, version
)
WITH toDateTime(0, 'Asia/Shanghai') AS never
SELECT
    key, -- io_id
    ${include shared/first_key_time}, -- key_time
    -- tupleElement and not r.o_id, which would cost the server three times as long to analyse.
    tupleElement(r, 'o_id'), tupleElement(r, 'so_id'), tupleElement(r, 'co_id'),
    toInt64(tupleElement(r, 'shop_id')), -- shop_id
    tupleElement(r, 'shop_name'), tupleElement(r, 'status'), tupleElement(r, 'order_type'),
    nullIf(created, never), -- created
    nullIf(modified, never), -- modified
    nullIf(times[3], never), -- io_date
    nullIf(times[4], never), -- pay_date
    -- Rounding is half up, away from zero.
    round(tupleElement(r, 'pay_amount'), 2), -- pay_amount
    round(tupleElement(r, 'paid_amount'), 2), -- paid_amount
    round(tupleElement(r, 'free_amount'), 2), -- free_amount
    round(tupleElement(r, 'freight'), 2), -- freight
    toInt64(tupleElement(r, 'wms_co_id')), -- wms_co_id
    tupleElement(r, 'warehouse'), tupleElement(r, 'receiver_state'), tupleElement(r, 'receiver_city'),
    tupleElement(r, 'lc_id'), tupleElement(r, 'logistics_company'), tupleElement(r, 'labels'),
    round(tupleElement(r, 'weight'), 4), -- weight
    tupleElement(r, 'ts'),
    if(has(ioi_ids, ''), CAST(arrayEnumerate(ioi_ids), 'Array(String)'), ioi_ids), -- lines.line_id
    tupleElement(items, 'ioi_id') AS ioi_ids, -- lines.ioi_id
    tupleElement(items, 'oi_id'), -- lines.oi_id
    tupleElement(items, 'sku_id'), -- lines.sku_id
    tupleElement(items, 'i_id'), -- lines.i_id
    tupleElement(items, 'name'), -- lines.name
    tupleElement(items, 'properties_value'), -- lines.properties_value
    arrayMap(d -> round(d, 4), tupleElement(items, 'qty')), -- lines.qty
    arrayMap(d -> round(d, 4), tupleElement(items, 'price')), -- lines.price
    arrayMap(d -> round(d, 4), tupleElement(items, 'sale_price')), -- lines.sale_price
    arrayMap(d -> round(d, 2), tupleElement(items, 'sale_amount')), -- lines.sale_amount
    tupleElement(items, 'combine_sku_id'), -- lines.combine_sku_id
    tupleElement(items, 'is_gift'), -- lines.is_gift
    plan_id, attempt, ticket, fetched_at,
    ${include shared/version modified=modified ts=tupleElement(r, 'ts') ticket=ticket fetched_at=fetched_at} -- version
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at,
        -- What cannot be read as its type is 0, or NULL where it may be.
        JSONExtract(body, 'Tuple(
            o_id String, so_id String, co_id String, shop_id Decimal(38, 10), shop_name String, status String,
            order_type String, created String, modified String, io_date String, pay_date String,
            pay_amount Nullable(Decimal(38, 10)), paid_amount Nullable(Decimal(38, 10)),
            free_amount Nullable(Decimal(38, 10)), freight Nullable(Decimal(38, 10)), wms_co_id Decimal(38, 10),
            warehouse String, receiver_state String, receiver_city String, lc_id String, logistics_company String,
            labels String, weight Nullable(Decimal(38, 10)), ts Nullable(UInt64),
            items Array(Tuple(
                ioi_id String, oi_id String, sku_id String, i_id String, name String, properties_value String,
                qty Decimal(38, 10), price Nullable(Decimal(38, 10)), sale_price Nullable(Decimal(38, 10)),
                sale_amount Nullable(Decimal(38, 10)), combine_sku_id String, is_gift UInt8)))') AS r,
        tupleElement(r, 'items') AS items,
        arrayMap(
            t -> ${include shared/source_time text=trimBoth(t)},
            [tupleElement(r, 'created'), tupleElement(r, 'modified'), tupleElement(r, 'io_date'),
             tupleElement(r, 'pay_date')]) AS stamps,
        arrayMap(t -> if(toYear(t) >= 2000, t, never), stamps) AS times,
        times[1] AS created,
        times[2] AS modified
    FROM ods.sale_out
    WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
) AS raw
${include shared/known_key_time module=sale_out key=io_id}
