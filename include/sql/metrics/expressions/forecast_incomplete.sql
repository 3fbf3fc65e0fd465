if(count() = 0, NULL, countIf(is_incomplete))
