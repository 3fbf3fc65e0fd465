-- Spreads each of ``totals`` (whole cents) over ``weights``, whose sum is ``whole``: amounts of the lines, in their order.
-- Largest remainder: every line its whole cents, the cents left over to the largest rests, ties in line order. No line
-- looks into an array of its order: that would cost the square of the lines.
arrayMap(total -> arrayMap(w -> intDiv(abs(total) * w, whole), weights), totals) AS shares,
arrayMap((total, given) -> abs(total) - arraySum(given), totals, shares) AS left_over,
arrayMap(
    total -> arraySort(
        (n, rest) -> (-rest, n), arrayEnumerate(weights), arrayMap(w -> modulo(abs(total) * w, whole), weights)),
    totals) AS by_rest,
arrayMap(ordered -> arraySort((n, line) -> line, arrayEnumerate(ordered), ordered), by_rest) AS ranks,
arrayMap(
    (total, more, given, placed) -> arrayMap(
        (share, rank) -> CAST(toDecimal256(sign(total) * (share + (rank <= more)), 2) / 100, 'Decimal(18, 2)'),
        given, placed),
    totals, left_over, shares, ranks) AS spread
