-- Dead letters that are not settled, by reason, with the latest sentence.
SELECT module, state, reason, count(*) AS letters, extract(epoch FROM now() - min(created_at))::float8 AS age,
       (array_agg(cause ORDER BY created_at DESC))[1] AS cause
FROM letter WHERE state <> 'redriven'
GROUP BY module, state, reason
ORDER BY letters DESC
