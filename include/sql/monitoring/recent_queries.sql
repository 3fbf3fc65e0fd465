-- What ended within five minutes; the log itself is a few seconds late.
system.query_log WHERE event_date >= today() - 1 AND event_time > now() - 300 AND type != 'QueryStart'
    AND is_initial_query
