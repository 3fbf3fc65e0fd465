SELECT *, biz_day AS day, biz_hour AS hour
FROM after_sales
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
