-- How well 瓴羊BI was served in the five minutes up to a minute. 80 points for its questions, half for an answer and half for
-- one within a second; 20 for the data, all up to a minute behind, none from five minutes on. Of fewer than 20 questions
-- one more or less would be an alarm: they cost no points. So late data alone never bring it below 80: another rule says
-- that. Left out is what the login may not ask (497, 452: drivers ask system tables whenever they connect), what a person
-- cancelled (394), questions that reach no data of ours, and our own proofs: the native driver, where BI speaks HTTP.
WITH
    toDateTime(%(until)s, 'Asia/Shanghai') AS until,
    asked AS
    (SELECT count() AS queries, countIf(type != 'QueryFinish') AS failed,
            countIf(type = 'QueryFinish' AND query_duration_ms > 1000) AS slow,
            quantileExactOrNull(0.99)(query_duration_ms) AS p99_ms
     FROM system.query_log
     WHERE event_date BETWEEN toDate(until) - 1 AND toDate(until) + 1
         AND event_time > until - 300 AND event_time <= until
         AND type != 'QueryStart' AND is_initial_query AND user = 'lingyang_bi' AND query_kind IN ('Select', 'None', '')
         AND exception_code NOT IN (394, 452, 497)
         AND NOT (type = 'QueryFinish' AND has(databases, 'system'))
         AND NOT (interface = 1 AND startsWith(client_name, 'ClickHouse python-driver'))),
    behind AS
    (SELECT max(lag_seconds) AS lag_seconds
     FROM (SELECT lag_seconds FROM ops.module_minute FINAL WHERE minute > until - 300 AND minute <= until
           ORDER BY minute DESC LIMIT 1 BY module))
SELECT
    toDecimal64(round(if(queries < 20, 80, 40 * (queries - failed) / queries + 40 * (queries - failed - slow) / queries)
                      -- by hand: what least makes of NULL depends on the version
                      + 20 * if(lag_seconds IS NULL, 0, greatest(0, least(1, (300 - assumeNotNull(lag_seconds)) / 240))),
                      2), 2) AS score,
    queries, failed, slow, p99_ms, lag_seconds
FROM asked CROSS JOIN behind
