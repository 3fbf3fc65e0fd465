-- Questions that people's logins asked ClickHouse, on the node that answers. A board names its viewer; who asks as boards
-- for nobody is the proof of rights, which has to be refused.
SELECT
    toStartOfMinute(toTimeZone(event_time, 'Asia/Shanghai')) AS minute, user AS login, query_duration_ms,
    type != 'QueryFinish' AS has_failed
FROM system.query_log
WHERE event_date BETWEEN toDate(%(first)s) - 1 AND toDate(%(last)s) + 1
    AND ${include shared/asked_minutes of=event_time}
    AND type != 'QueryStart' AND is_initial_query AND query_kind = 'Select' AND user IN %(query_logins)s
    AND (log_comment != '' OR NOT startsWith(user, 'boards'))
