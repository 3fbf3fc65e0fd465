-- Business days whose marts are behind the wide tables, and since when.
SELECT day, min(marked_at) AS since FROM mart_day WHERE done < mark GROUP BY day
