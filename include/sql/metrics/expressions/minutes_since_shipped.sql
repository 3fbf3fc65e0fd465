if(count() = 0, NULL, greatest(0, intDiv(toUnixTimestamp(toDateTime(%(as_of)s, 'Asia/Shanghai')) - toUnixTimestamp(max(io_date)), 60)))
