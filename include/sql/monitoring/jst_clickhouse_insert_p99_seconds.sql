SELECT quantileExactOrNull(0.99)(query_duration_ms) / 1000 AS value
FROM ${include monitoring/recent_queries} AND query_kind = 'Insert' AND user = 'etl' AND type = 'QueryFinish'
