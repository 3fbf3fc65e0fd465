if(count() = 0, NULL, toDecimal64(quantileExact(0.5)(query_duration_ms), 4))
