-- Days whose marts have been behind the wide tables for 5 minutes. Asked of the control database.
SELECT day || '，已等 ' || round(age / 60) || ' 分钟' AS what
FROM (
${include ledger/mart_days}
) AS behind
