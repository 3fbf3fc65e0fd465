INSERT INTO ops.api_minute
    (minute, module, endpoint, outcome, kind, requests, milliseconds, latencies, changed_at)
VALUES
