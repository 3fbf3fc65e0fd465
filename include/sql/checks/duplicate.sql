-- Orders that stand under two sort keys: FINAL shows their lines twice. The same line under one sort key cannot.
SELECT concat('sale_out ', io_id) AS what
FROM dws.dws_sale_out FINAL
GROUP BY io_id
HAVING min(toStartOfHour(key_time)) != max(toStartOfHour(key_time))
UNION ALL
SELECT concat('after_sale ', as_id)
FROM dws.dws_after_sale FINAL
GROUP BY as_id
HAVING min(toStartOfHour(key_time)) != max(toStartOfHour(key_time))
