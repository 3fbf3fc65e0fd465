-- Every line on its own day, and as the day before of the next one: of the day before today only what left before the
-- same second.
SELECT *, on_day AS day, if(after = 0, out_amount, 0) AS this_day, if(after = 1, out_amount, 0) AS day_before
FROM
(
    SELECT * EXCEPT day, day + after AS on_day, after
    FROM shipped
    ARRAY JOIN [0, 1] AS after
    WHERE day BETWEEN toDate(%(first)s) - 1 AND toDate(%(last)s)
)
WHERE on_day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
    AND io_date <= toDateTime(%(as_of)s, 'Asia/Shanghai') - toIntervalDay(after)
