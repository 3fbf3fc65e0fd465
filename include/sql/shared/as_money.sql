-- Defines as_money: a number rounded to cents; what is unknown or too large is 0.
d -> ifNull(accurateCastOrNull(round(d, 2), 'Decimal(18, 2)'), 0) AS as_money
