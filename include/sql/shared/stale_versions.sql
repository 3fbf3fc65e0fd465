-- Orders whose wide rows are not of the newest version that was cleaned, or lack, or have no order behind them: ``cleaned``
-- orders beside ``wide`` rows of module ``module``; ``settled``: what the times they were read must be.
SELECT concat('${module} ', ${key}) AS what
FROM
(
    SELECT ${key}, version, fetched_at, 1 AS cleaned FROM dwd.dwd_${module} FINAL WHERE ${cleaned}
    UNION ALL
    SELECT ${key}, version, fetched_at, 0 FROM dws.dws_${module} FINAL WHERE ${wide}
)
GROUP BY ${key}
HAVING ${settled} AND (min(version) != max(version) OR min(cleaned) = max(cleaned))
