SELECT split_part(credential, '/', 1) AS host, bucket, origin, sum(waited) AS value
FROM budget_total WHERE NOT starts_with(credential, 'messages/') GROUP BY 1, 2, 3
