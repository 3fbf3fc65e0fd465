-- Every order once per cut, however many lines it has.
SELECT ${cuts}io_id AS id, any(dateDiff('second', coalesce(pay_date, created), io_date)) AS lead_seconds
FROM shipped
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
GROUP BY ${cuts}id
