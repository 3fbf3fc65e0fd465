-- Days whose marts have been behind the wide tables for minutes, the newest first. A first load marks more days than can
-- be refreshed while it lasts: what it left is late only minutes after its end.
SELECT day, extract(epoch FROM now() - since)::float8 AS age
FROM (SELECT day, greatest(min(marked_at), (SELECT max(proven_at) FROM plan WHERE origin = 'initial')) AS since
      FROM mart_day
      WHERE done < mark
      GROUP BY day) AS waiting
WHERE since < now() - interval '5 minutes'
ORDER BY day DESC
