if(count() = 0, NULL, countIf(enabled AND on_hand <= 0))
