ratio(sum(available_qty), sum(daily_demand))
