sum(gmv)
