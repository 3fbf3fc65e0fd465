-- What the data-quality checks found last.
SELECT name, found, examples, since, checked_at, extract(epoch FROM now() - checked_at)::float8 AS age
FROM check_result
