-- What batches (plan_id, attempt, slice) brought of a day, each after-sale order once in its last reading, beside what
-- the tables show of it. Amount of the day: refunds of the orders created on it, where the source names one.
WITH
    -- Times in all spellings, as in load/after_sale.sql; the version as it makes it.
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
    sumIf(shown, counts) AS our_amount
FROM
(
    SELECT
        brought.key AS key, slice, amount, shown,
        multiIf(
            mine.version = 0 OR wide.lines = 0, 'missing',
            wide.lines != greatest(1, mine.lines) OR wide.lowest != mine.version OR wide.highest != mine.version,
            'different',
            mine.version < brought.version, 'different',
            -- Read again, it has a later ticket and is still the same where modified (and ts) are.
            second_of(mine.version) = second_of(brought.version) AND ifNull(mine.ts, 0) = brought.ts, 'same',
            'moved') AS fate,
        fate = 'same' AND on_day AND amount IS NOT NULL AS counts
    FROM
    (
        SELECT
            raw.key AS key, min(batches.slice) AS slice,
            max(version_of(
                stamp(trimBoth(JSONExtractString(body, 'modified'))),
                JSONExtract(body, 'ts', 'Nullable(UInt64)'), raw.ticket)) AS version,
            max(ifNull(JSONExtract(body, 'ts', 'Nullable(UInt64)'), 0)) AS ts,
            argMax(tuple(round(JSONExtract(body, 'refund', 'Nullable(Decimal(38, 10))'), 2)), raw.ticket).1
                AS amount,
            argMax(startsWith(trimBoth(JSONExtractString(body, 'created')), toString(toDate(%(day)s))), raw.ticket)
                AS on_day
        FROM ods.after_sale AS raw
        INNER JOIN batches ON batches.plan_id = raw.plan_id AND batches.attempt = raw.attempt
        WHERE raw.plan_id IN (SELECT plan_id FROM batches)
        GROUP BY raw.key
    ) AS brought
    LEFT JOIN
    (
        SELECT as_id, ts, version, length(lines.line_id) AS lines
        FROM dwd.dwd_after_sale FINAL
        WHERE as_id IN (SELECT key FROM ods.after_sale WHERE plan_id IN (SELECT plan_id FROM batches))
    ) AS mine ON mine.as_id = brought.key
    LEFT JOIN
    (
        SELECT as_id, count() AS lines, min(version) AS lowest, max(version) AS highest, sum(refund_amount) AS shown
        FROM dws.dws_after_sale FINAL
        WHERE (key_time, as_id) IN
        (
            SELECT key_time, as_id FROM dwd.dwd_after_sale
            WHERE as_id IN (SELECT key FROM ods.after_sale WHERE plan_id IN (SELECT plan_id FROM batches))
        )
        GROUP BY as_id
    ) AS wide ON wide.as_id = brought.key
)
GROUP BY slice
ORDER BY slice
