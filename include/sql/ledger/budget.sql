-- The request budget of every credential; its app_key is nobody's business here.
SELECT split_part(credential, '/', 1) AS host, bucket, pace, granted, refused,
       greatest(0, extract(epoch FROM next_at - now()))::float8 AS pause
FROM budget
ORDER BY host, bucket
