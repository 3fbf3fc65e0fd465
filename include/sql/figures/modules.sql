-- How every module stands now; the row without a module counts the incidents that belong to none. What needs no hand (a
-- reminder of a check, a source that slows us down) is no incident here, as it is none in the ledger's first line. Days without a good
-- certificate: of the last seven of which one is due (a night has until six), since the first one was issued.
WITH visible AS
    (SELECT read.module, ${include ledger/visible_until} AS until FROM watermark AS read WHERE kind = 'read'),
due AS
    (SELECT ((now() AT TIME ZONE 'Asia/Shanghai') - interval '30 hours')::date AS until),
certified AS
    (SELECT DISTINCT ON (day, module) day, module, state FROM certificate, due
     WHERE day > due.until - 42 ORDER BY day, module, number DESC),
days AS
    (SELECT module, count(*) FILTER (WHERE day BETWEEN until - 6 AND until AND state <> 'open') AS good,
            least(7, until + 1 - min(day)) AS wanted
     FROM certified, due GROUP BY module, until)
SELECT date_trunc('minute', now()), each.module, now(),
       CASE WHEN each.module = '' THEN ''
            WHEN EXISTS (SELECT FROM trouble WHERE trouble.module = each.module AND seen_at > now() - interval '15 minutes')
                THEN 'trouble'
            WHEN EXISTS (SELECT FROM feed WHERE feed.module = each.module AND hold_until > now()) THEN 'held'
            WHEN EXISTS (SELECT FROM degradation WHERE degradation.module = each.module AND until IS NULL) THEN 'degraded'
            WHEN each.module = ANY(%(live)s) THEN 'live' ELSE 'clock' END,
       CASE WHEN each.module = ANY(%(live)s) THEN greatest(0, extract(epoch FROM now() - visible.until)::float8) END,
       visible.until,
       (SELECT value FROM watermark WHERE watermark.module = each.module AND kind = 'complete'),
       (SELECT count(*) FROM letter WHERE letter.module = each.module AND state = 'open'),
       (SELECT count(*) FROM letter WHERE letter.module = each.module AND state = 'parked'),
       newest.day, coalesce(newest.state, ''),
       greatest(0, coalesce(days.wanted - days.good, 0)),
       (SELECT count(*) FROM incident WHERE incident.module = each.module AND closed_at IS NULL
        AND kind NOT IN ('check_warn', 'degraded'))
FROM unnest(%(modules)s) AS each (module)
LEFT JOIN visible ON visible.module = each.module
LEFT JOIN days ON days.module = each.module
LEFT JOIN LATERAL (SELECT day, state FROM certified WHERE certified.module = each.module ORDER BY day DESC LIMIT 1)
    AS newest ON true
