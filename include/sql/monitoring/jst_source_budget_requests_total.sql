-- The app_key of a credential is of no concern here; robots of messages have their budgets in the same table.
SELECT split_part(credential, '/', 1) AS host, bucket, origin, answer, sum(requests) AS value
FROM budget_total CROSS JOIN LATERAL (VALUES ('granted', granted), ('refused', refused)) AS said (answer, requests)
WHERE NOT starts_with(credential, 'messages/') GROUP BY 1, 2, 3, 4
