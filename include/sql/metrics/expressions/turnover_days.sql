ratio(sum(closing) * maxIf(days_on_sale, seen > 0), sumIf(sold, seen > 0))
