if(count() = 0, NULL, countIf(negative))
