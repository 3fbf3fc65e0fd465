-- How every module stood in each minute; what belongs to none is the system's.
SELECT
    minute, if(stood.module = '', '系统 system', stood.module) AS module, lag_seconds, open_letters, parked_letters, uncertified_days,
    incidents, stood.feed_state IN ('degraded', 'held', 'trouble') AS is_stopped,
    transform(stood.feed_state,
              ['live', 'clock', 'degraded', 'held', 'trouble'],
              ['实时 live', '定时 by the clock', '降级 degraded', '受阻 held back', '出错 in trouble'], '—') AS feed_state,
    if(certificate_day IS NULL, '—', concat(toString(certificate_day), ' ',
        transform(certificate_state,
                  ['proven', 'excepted', 'open'], ['已证明 proven', '有例外 excepted', '未证明 open'], '—'))) AS certificate
FROM ops.module_minute AS stood FINAL
WHERE ${include shared/asked_minutes of=minute}
