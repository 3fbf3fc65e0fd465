-- What is wrong and not mended yet, the oldest first.
SELECT kind, module, subject, what, "do", opened_at, times
FROM incident WHERE closed_at IS NULL
ORDER BY opened_at, id LIMIT 50
