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
    -- (r).x and not r.x, which would cost the server three times as long to analyse.
    (r).o_id, (r).so_id, (r).co_id,
    toInt64((r).shop_id), -- shop_id
    (r).shop_name, (r).status, (r).order_type,
    nullIf(created, never), -- created
    nullIf(modified, never), -- modified
    nullIf(times[3], never), -- io_date
    nullIf(times[4], never), -- pay_date
    -- Rounding is half up, away from zero.
    round((r).pay_amount, 2), -- pay_amount
    round((r).paid_amount, 2), -- paid_amount
    round((r).free_amount, 2), -- free_amount
    round((r).freight, 2), -- freight
    toInt64((r).wms_co_id), -- wms_co_id
    (r).warehouse, (r).receiver_state, (r).receiver_city, (r).lc_id, (r).logistics_company, (r).labels,
    round((r).weight, 4), -- weight
    (r).ts,
    if(has((items).ioi_id, ''), CAST(arrayEnumerate((items).ioi_id), 'Array(String)'), (items).ioi_id), -- lines.line_id
    (items).ioi_id, -- lines.ioi_id
    (items).oi_id, -- lines.oi_id
    (items).sku_id, -- lines.sku_id
    (items).i_id, -- lines.i_id
    (items).name, -- lines.name
    (items).properties_value, -- lines.properties_value
    arrayMap(d -> round(d, 4), (items).qty), -- lines.qty
    arrayMap(d -> round(d, 4), (items).price), -- lines.price
    arrayMap(d -> round(d, 4), (items).sale_price), -- lines.sale_price
    arrayMap(d -> round(d, 2), (items).sale_amount), -- lines.sale_amount
    (items).combine_sku_id, -- lines.combine_sku_id
    (items).is_gift, -- lines.is_gift
    plan_id, attempt, ticket, fetched_at,
    ${include shared/version modified=modified ts=(r).ts ticket=ticket fetched_at=fetched_at} -- version
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
        (r).items AS items,
        arrayMap(
            t -> ${include shared/source_time text=t},
            [trimBoth((r).created), trimBoth((r).modified), trimBoth((r).io_date), trimBoth((r).pay_date)]) AS stamps,
        arrayMap(t -> if(toYear(t) >= 2000, t, never), stamps) AS times,
        times[1] AS created,
        times[2] AS modified
    FROM ods.sale_out
    WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
) AS raw
${include shared/known_key_time module=sale_out key=io_id}
