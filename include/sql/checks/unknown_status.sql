-- Words of status nobody knows, on orders that were read within a week: no metric counts them.
SELECT concat('sale_out “', status, '”（', toString(uniqExact(io_id)), ' 单，如 ', any(io_id), '）') AS what
FROM dws.dws_sale_out FINAL
WHERE status NOT IN ('WaitConfirm', 'Confirmed', 'Delete', 'Cancelled', 'OuterConfirming', 'Archive')
    AND fetched_at > now() - INTERVAL 7 DAY
GROUP BY status
UNION ALL
SELECT concat('after_sale “', source_status, '”（', toString(uniqExact(as_id)), ' 单，如 ', any(as_id), '）')
FROM dws.dws_after_sale FINAL
WHERE status = '未知' AND fetched_at > now() - INTERVAL 7 DAY
GROUP BY source_status
