-- Modules of which a hundred dead letters or more wait, to be re-driven or by hand.
SELECT module AS subject, count(*) - 99 AS value,
       count(*) || ' 条死信等处理，其中已搁置 ' || count(*) FILTER (WHERE state = 'parked') || ' 条' AS what
FROM letter WHERE state IN ('open', 'parked')
GROUP BY module HAVING count(*) >= 100
ORDER BY 2 DESC
