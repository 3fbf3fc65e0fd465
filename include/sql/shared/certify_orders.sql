-- Certifies records with lines: every line stands in the wide table in the version DWD has. The amount is that of the
-- orders whose time ``dated_by`` is on the day.
${include shared/certify
    decimals=2
    on_day=argMax(startsWith(trimBoth(JSONExtractString(body, '${dated_by}')), toString(toDate(%(day)s))), raw.ticket)
    lacking=wide.lines = 0
    differing=wide.lines != greatest(1, mine.lines) OR wide.lowest != mine.version OR wide.highest != mine.version
    cleaned=SELECT ${key}, version, state_of(assumeNotNull(modified), ts, ticket, fetched_at) AS newest, length(lines.line_id) AS lines
        FROM dwd.dwd_${module} FINAL
        WHERE ${key} IN (SELECT key FROM ods.${module} WHERE plan_id IN (SELECT plan_id FROM batches))
    widened=SELECT ${key}, count() AS lines, min(version) AS lowest, max(version) AS highest, sum(${shown}) AS shown
        FROM dws.dws_${module} FINAL
        WHERE (key_time, ${key}) IN
        (
            SELECT key_time, ${key} FROM dwd.dwd_${module}
            WHERE ${key} IN (SELECT key FROM ods.${module} WHERE plan_id IN (SELECT plan_id FROM batches))
        )
        GROUP BY ${key}
}
