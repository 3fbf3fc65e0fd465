-- Text of the source to a time: '2026-01-0212:30:00.5', '2026-01-02T12:30:00' and '2026-01-02' are times too; what cannot
-- be one is 1970.
toDateTimeOrZero(
    concat(left(${text}, 10), ' ', left(concat(trim(LEADING ' T' FROM substring(${text}, 11)), '00:00:00'), 8)),
    'Asia/Shanghai')
