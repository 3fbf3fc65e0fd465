-- Days whose marts have been behind the wide tables for 5 minutes. Asked of the control database.
SELECT to_char(day, 'YYYY-MM-DD') || ' ' || to_char(now() - min(marked_at), 'HH24:MI:SS') AS what
FROM mart_day
WHERE done < mark
GROUP BY day
HAVING min(marked_at) < now() - interval '5 minutes'
ORDER BY day DESC
