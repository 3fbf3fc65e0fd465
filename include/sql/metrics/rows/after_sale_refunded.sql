SELECT *, toDate(refund_date) AS day, toHour(refund_date) AS hour
FROM after_sales
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
