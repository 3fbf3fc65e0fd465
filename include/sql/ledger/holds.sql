-- Feeds that hold back after failures.
SELECT module, failures, hold_until AS until, hold_run AS run_id, reason
FROM feed WHERE hold_until > now()
