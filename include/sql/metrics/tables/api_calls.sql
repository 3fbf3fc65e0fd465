-- Requests to the source, whoever made them.
SELECT minute, module, endpoint, outcome, kind, requests, latencies
FROM ops.api_minute FINAL
WHERE ${include shared/asked_minutes of=minute}
