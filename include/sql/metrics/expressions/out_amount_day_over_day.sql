ratio(sum(this_day), sum(day_before)) - 1
