-- What batches (plan_id, attempt, slice) brought, each record once in its last reading, beside what the tables show of
-- it; a row for each slice. ``cleaned`` has key and version of what DWD holds, ``widened`` the amount ``shown``, and
-- ``newest`` is what shared/state_of makes of both. It is defined where it is used: older servers do not look further.
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
            mine.version = 0 OR ${lacking}, 'missing',
            ${differing} OR mine.newest.1 < brought.newest.1, 'different',
            -- Read again, it has a later ticket and is still the same where modified (and ts) are.
            (mine.newest.2, mine.newest.3) = (brought.newest.2, brought.newest.3), 'same',
            'moved') AS fate,
        fate = 'same' AND on_day AND amount IS NOT NULL AS counts
    FROM
    (
        WITH
            t -> ${include shared/source_time text=t} AS stamp,
            ${include shared/state_of}
        SELECT
            raw.key AS key, min(batches.slice) AS slice,
            max(state_of(
                stamp(trimBoth(JSONExtractString(body, 'modified'))),
                JSONExtract(body, 'ts', 'Nullable(UInt64)'), raw.ticket, raw.fetched_at)) AS newest,
            argMax(
                tuple(round(JSONExtract(body, '${amount}', 'Nullable(Decimal(38, 10))'), ${decimals})), raw.ticket
            ).1 AS amount,
            ${on_day} AS on_day
        FROM ods.${module} AS raw
        INNER JOIN batches ON batches.plan_id = raw.plan_id AND batches.attempt = raw.attempt
        WHERE raw.plan_id IN (SELECT plan_id FROM batches)
        GROUP BY raw.key
    ) AS brought
    LEFT JOIN
    (
        WITH ${include shared/state_of}
        ${cleaned}
    ) AS mine ON mine.${key} = brought.key
    LEFT JOIN
    (
        ${widened}
    ) AS wide ON wide.${key} = brought.key
)
GROUP BY slice
ORDER BY slice
