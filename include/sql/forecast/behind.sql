-- PostgreSQL: days whose summaries are behind, since when, and whether they were ever made.
SELECT day, min(marked_at) FILTER (WHERE done < mark), max(done) > 0 FROM mart_day GROUP BY day HAVING bool_or(done < mark)
