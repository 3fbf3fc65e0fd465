ratio(sumIf(requests, kind = 'refused'), sum(requests))
