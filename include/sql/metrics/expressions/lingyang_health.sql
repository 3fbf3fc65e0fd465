if(count() = 0, NULL, argMax(score, minute))
