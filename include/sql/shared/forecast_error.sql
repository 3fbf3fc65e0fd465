-- How far the forecast of a day's rows may be off (a standard deviation). What is a shop's and an hour's own evens out
-- among them; what all shops of an hour share does not, nor does what all hours of a day share.
sqrt(toFloat64(sum(own_variance)) + pow(toFloat64(sum(day_error)), 2)
    + arraySum(x -> pow(toFloat64(x), 2), sumMap([hour], [hour_error]).2))
