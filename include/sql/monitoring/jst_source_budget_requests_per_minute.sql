SELECT split_part(credential, '/', 1) AS host, bucket, sum(per_minute) AS value
FROM budget_now WHERE NOT starts_with(credential, 'messages/') GROUP BY 1, 2
