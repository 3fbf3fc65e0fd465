sum(requests)
