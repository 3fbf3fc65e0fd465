-- What batches (plan_id, attempt, slice) brought of the master data, each SKU once in its last reading, beside what the
-- dimension shows of it. Amount: the sale price.
WITH
    -- Times in all spellings, as in load/sku.sql; the version as it makes it.
    t -> toDateTimeOrZero(
        concat(left(t, 10), ' ', left(concat(trimLeft(substring(t, 11), ' T'), '00:00:00'), 8)),
        'Asia/Shanghai') AS stamp,
    (modified, ts, ticket) -> bitShiftLeft(toUInt64(toUnixTimestamp(modified)), 32)
        + bitAnd(ifNull(ts, ticket), 0xFFFFFFFF) AS version_of,
    version -> bitShiftRight(version, 32) AS second_of
SELECT
    slice,
    toUInt32(count()) AS keys,
    groupArrayIf(key, fate = 'missing') AS missing,
    groupArrayIf(key, fate = 'different') AS different,
    toUInt32(countIf(fate = 'moved')) AS moved,
    sumIf(ifNull(amount, 0), counts) AS source_amount,
    sumIf(ifNull(shown, 0), counts) AS our_amount
FROM
(
    SELECT
        brought.key AS key, slice, amount, shown,
        multiIf(
            mine.version = 0 OR wide.version = 0, 'missing',
            wide.version != mine.version OR mine.version < brought.version, 'different',
            -- Read again, it has a later ticket and is still the same where modified (and ts) are.
            second_of(mine.version) = second_of(brought.version) AND ifNull(mine.ts, 0) = brought.ts, 'same',
            'moved') AS fate,
        fate = 'same' AND amount IS NOT NULL AS counts
    FROM
    (
        SELECT
            raw.key AS key, min(batches.slice) AS slice,
            max(version_of(
                stamp(trimBoth(JSONExtractString(body, 'modified'))),
                JSONExtract(body, 'ts', 'Nullable(UInt64)'), raw.ticket)) AS version,
            max(ifNull(JSONExtract(body, 'ts', 'Nullable(UInt64)'), 0)) AS ts,
            argMax(tuple(round(JSONExtract(body, 'sale_price', 'Nullable(Decimal(38, 10))'), 4)), raw.ticket).1
                AS amount
        FROM ods.sku AS raw
        INNER JOIN batches ON batches.plan_id = raw.plan_id AND batches.attempt = raw.attempt
        WHERE raw.plan_id IN (SELECT plan_id FROM batches)
        GROUP BY raw.key
    ) AS brought
    LEFT JOIN (SELECT sku_id, ts, version FROM dwd.dwd_sku FINAL) AS mine ON mine.sku_id = brought.key
    LEFT JOIN (SELECT sku_id, version, sale_price AS shown FROM dim.dim_sku FINAL) AS wide
        ON wide.sku_id = brought.key
)
GROUP BY slice
ORDER BY slice
