-- The last three windows of five minutes, back from the newest one and beside each other.
SELECT argMax(score, minute) AS score
FROM bi_health CROSS JOIN (SELECT max(minute) AS newest FROM bi_health) AS last
WHERE minute > newest - 900
GROUP BY intDiv(dateDiff('minute', minute, newest), 5)
