-- ods.sku -> dwd.dwd_sku for the records in touched: their key and where each lies in Kafka.
INSERT INTO dwd.dwd_sku
(
    sku_id, i_id, name, short_name, sale_price, cost_price, market_price, properties_value, c_id, category, brand,
    enabled, weight, sku_code, labels, unit, created, modified, ts, plan_id, attempt, ticket, fetched_at, version
)
WITH
    t -> ${include shared/decimal_of_text text=t decimals=4} AS as_quantity,
    t -> accurateCastOrNull(toDecimal128OrNull(trimBoth(t), 10), 'Int64') AS as_integer,
    toDateTime(0, 'Asia/Shanghai') AS never
SELECT
    key, -- sku_id
    tupleElement(r, 'i_id'), tupleElement(r, 'name'), tupleElement(r, 'short_name'),
    as_quantity(tupleElement(r, 'sale_price')), -- sale_price
    as_quantity(tupleElement(r, 'cost_price')), -- cost_price
    as_quantity(tupleElement(r, 'market_price')), -- market_price
    tupleElement(r, 'properties_value'), tupleElement(r, 'c_id'), tupleElement(r, 'category'), tupleElement(r, 'brand'),
    accurateCastOrNull(as_integer(tupleElement(r, 'enabled')), 'Int8'), -- enabled
    as_quantity(tupleElement(r, 'weight')), -- weight
    tupleElement(r, 'sku_code'), tupleElement(r, 'labels'), tupleElement(r, 'unit'),
    nullIf(times[1], never), -- created
    nullIf(times[2], never), -- modified
    toUInt64(as_integer(tupleElement(r, 'ts'))) AS ts,
    plan_id, attempt, ticket, fetched_at,
    ${include shared/version modified=times[2] ts=ts ticket=ticket fetched_at=fetched_at} -- version
FROM
(
    SELECT
        *,
        arrayMap(
            t -> ${include shared/source_time text=trimBoth(t)},
            [tupleElement(r, 'created'), tupleElement(r, 'modified')]) AS stamps,
        arrayMap(t -> if(toYear(t) >= 2000, t, never), stamps) AS times
    FROM
    (
        SELECT
            key, plan_id, attempt, ticket, fetched_at,
            JSONExtract(body, 'Tuple(
                i_id String, name String, short_name String, sale_price String, cost_price String, market_price String,
                properties_value String, c_id String, category String, brand String, enabled String, weight String,
                sku_code String, labels String, unit String, created String, modified String, ts String)') AS r
        FROM ods.sku
        WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
    )
)
