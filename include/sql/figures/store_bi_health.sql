INSERT INTO ops.bi_health (minute, score, queries, failed, slow, p99_ms, lag_seconds, at) VALUES
