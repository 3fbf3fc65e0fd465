-- Days whose marts have been behind the wide tables for minutes, the newest first.
SELECT day, extract(epoch FROM now() - min(marked_at))::float8 AS age
FROM mart_day
WHERE done < mark
GROUP BY day
HAVING min(marked_at) < now() - interval '5 minutes'
ORDER BY day DESC
