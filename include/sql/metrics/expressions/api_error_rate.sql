ratio(sumIf(requests, kind = 'failed'), sum(requests))
