ratio(sum(known_amount), sum(out_amount))
