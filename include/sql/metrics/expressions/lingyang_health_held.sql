if(count() = 0, NULL, arraySort(arrayConcat(groupArray(score), [toDecimal64(100, 2), toDecimal64(100, 2)]))[2])
