if(
    sum(seen) = 0, NULL,
    ratio(countIf(sales > 0 AND sku != ''), countIf((sales > 0 OR closing > 0) AND sku != '')))
