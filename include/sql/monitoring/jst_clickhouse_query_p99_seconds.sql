SELECT user AS login, quantileExact(0.99)(query_duration_ms) / 1000 AS value
FROM ${include monitoring/recent_queries} AND query_kind = 'Select' AND type = 'QueryFinish' GROUP BY login
