-- What was counted of requests to the source since a moment, the longest unchanged first.
SELECT minute, module, endpoint, outcome, kind, requests, milliseconds, latencies, changed_at
FROM api_minute WHERE changed_at > %(since)s
ORDER BY changed_at LIMIT %(most)s
