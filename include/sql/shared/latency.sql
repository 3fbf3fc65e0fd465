-- The milliseconds within which a share of the requests ended, read between the places of their histogram: place k
-- counts those of 2 ^ ((k - 1) / 2) to 2 ^ (k / 2) ms. Null without requests.
if(sum(requests) = 0, NULL, toDecimal64(arrayMap(
    (counts, sums, k) -> if(k = 1, 0, exp2((k - 1) / 2))
        + (exp2(k / 2) - if(k = 1, 0, exp2((k - 1) / 2)))
            * (${share} * sums[-1] - (sums[k] - counts[k])) / counts[k],
    [sumForEach(latencies)],
    [arrayCumSum(sumForEach(latencies))],
    [arrayFirstIndex(reached -> reached >= ${share} * arraySum(sumForEach(latencies)),
                     arrayCumSum(sumForEach(latencies)))])[1], 4))
