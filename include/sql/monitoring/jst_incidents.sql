-- Rules of alerts.yaml keep their own name where other incidents name a module.
SELECT kind, CASE WHEN kind IN ('alert', 'ledger') THEN '' ELSE module END AS module,
       CASE WHEN kind IN ('alert', 'ledger') THEN module ELSE '' END AS rule, count(*) AS value
FROM incident WHERE closed_at IS NULL GROUP BY 1, 2, 3
