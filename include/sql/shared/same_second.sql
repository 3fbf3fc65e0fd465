-- The moment the data are of, and the same a day before.
toDateTime(%(as_of)s, 'Asia/Shanghai') - toIntervalDay(after)
