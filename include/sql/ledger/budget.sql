-- The request budget of every credential of the source (robots of messages have theirs in the same table); its app_key
-- is nobody's business here. spent: requests of the last hour by origin.
SELECT split_part(credential, '/', 1) AS host, bucket, pace, per_minute, used_last_minute, refused_last_minute, granted,
       refused, greatest(0, extract(epoch FROM next_at - now()))::float8 AS pause,
       (SELECT coalesce(json_object_agg(origin, spent.granted), '{}')
        FROM (SELECT origin, sum(granted) AS granted FROM budget_minute AS hour
              WHERE minute > now() - interval '1 hour'
                AND hour.credential = budget_now.credential AND hour.bucket = budget_now.bucket
              GROUP BY origin) AS spent) AS spent
FROM budget_now
WHERE NOT starts_with(credential, 'messages/')
ORDER BY host, bucket
