-- Whether a time is asked about: of today the last hour, of a past day all of it.
if(toDate(%(last)s) = toDate(toDateTime(%(as_of)s, 'Asia/Shanghai')),
   ${of} > toDateTime(%(as_of)s, 'Asia/Shanghai') - toIntervalHour(1)
       AND ${of} <= toDateTime(%(as_of)s, 'Asia/Shanghai'),
   toDate(${of}, 'Asia/Shanghai') BETWEEN toDate(%(first)s) AND toDate(%(last)s))
