sum(uncertified_days)
