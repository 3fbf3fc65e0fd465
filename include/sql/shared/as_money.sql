-- A number rounded to cents; what is unknown or too large is 0.
ifNull(accurateCastOrNull(round(${number}, 2), 'Decimal(18, 2)'), 0)
