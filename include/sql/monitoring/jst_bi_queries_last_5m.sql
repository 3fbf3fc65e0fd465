-- 497: may not read it; 394: cancelled.
SELECT user AS login, multiIf(type = 'QueryFinish', 'ok', exception_code = 497, 'refused',
                              exception_code = 394, 'killed', 'failed') AS outcome, count() AS value
FROM ${include monitoring/recent_queries} AND user IN ('lingyang_bi', 'lingyang_finance', 'boards', 'boards_finance')
GROUP BY login, outcome
