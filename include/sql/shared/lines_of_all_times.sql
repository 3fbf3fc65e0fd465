-- The lines of an order, then those it had once and lost. By a set: to look for each line in an array would cost the square
-- of the lines.
arrayConcat(
    line_ids,
    arraySlice(arrayDistinct(arrayConcat(line_ids, stored.ever)), length(arrayDistinct(line_ids)) + 1))
