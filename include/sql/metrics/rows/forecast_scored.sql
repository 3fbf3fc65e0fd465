SELECT *, assumeNotNull(actual_amount) AS was_amount
FROM forecast
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
    AND actual_amount IS NOT NULL
