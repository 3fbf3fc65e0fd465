sum(this_day) AS amount_so_far,
sum(day_before) AS amount_before
