-- What is wrong and not mended yet, the oldest first; not what rules found: that is alerts.sql.
SELECT kind, module, subject, what, "do", opened_at, times
FROM incident WHERE closed_at IS NULL AND kind NOT IN ('alert', 'ledger')
ORDER BY opened_at, id LIMIT 50
