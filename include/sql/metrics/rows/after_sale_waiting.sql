-- As they stand now, whatever the period.
SELECT *
FROM after_sales
WHERE created >= toDateTime(%(as_of)s, 'Asia/Shanghai') - toIntervalDay(90)
