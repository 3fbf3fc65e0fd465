1 - ratio(arraySum(x -> abs(x), sumMap([moment], [was_amount - midnight_amount]).2), sum(was_amount))
