-- Every refunded after-sale once per cut, however many lines it has.
SELECT ${cuts}as_id AS id, any(dateDiff('second', created, refund_date)) AS handle_seconds
FROM (SELECT *, biz_day AS day, biz_hour AS hour FROM after_sales)
WHERE refund_date IS NOT NULL
    AND day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
GROUP BY ${cuts}id
