if(count() = 0, NULL, countIf(on_sale = 1 AND on_hand <= 0))
