ratio(amount_so_far, amount_before) - 1
