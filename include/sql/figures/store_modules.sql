INSERT INTO ops.module_minute
    (minute, module, at, feed_state, lag_seconds, visible_until, complete_until, open_letters, parked_letters,
     certificate_day, certificate_state, uncertified_days, incidents)
VALUES
