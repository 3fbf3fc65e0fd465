-- Days before this one are closed and keep their fees: a week after its end, a month is closed.
toStartOfMonth(toDate(now('Asia/Shanghai')) - 7)
