if(count() = 0, NULL, countIf(usable > 0))
