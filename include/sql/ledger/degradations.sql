-- Feeds that are asked in batches of five minutes because of refusals, or were within a week.
SELECT module, since, until, reason, clean, due_at
FROM degradation WHERE until IS NULL OR until > now() - interval '7 days'
ORDER BY since DESC LIMIT 10
