if(count() = 0, NULL, countIf(on_hand < safety))
