if(count() = 0, NULL, sum(out_amount))
