if(count() = 0, NULL, toDecimal128(toFloat64(sum(out_amount)) + 1.2816 * ${include shared/forecast_error}, 6))
