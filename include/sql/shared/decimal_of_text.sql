-- Text of the source to a number, rounded half up, away from zero; what is empty or cannot be one is NULL.
accurateCastOrNull(round(toDecimal128OrNull(trimBoth(${text}), 10), ${decimals}), 'Decimal(18, ${decimals})')
