-- The frame of every question: expressions of metrics (expressions/<code>.sql) over the rows they count. These are rows/
-- over the wide tables as tables/ reads them, or the rows of one mart (marts/<mart>.sql); counts/ says how either of them
-- counts orders. Parameters: first and last day of the period; as_of, the moment the data are of (read watermark), whose
-- day is today; the lists of config/metrics.yaml; the values that are kept.
WITH
    ${counts}${tables}-- Null over an empty denominator; twelve decimals, so that rounding at the end rounds the true quotient.
    (a, b) -> if(b = 0, NULL, toDecimal256(a, 12) / b) AS ratio
SELECT ${values}
FROM
(
${source}
) AS counted
${kept}
${group}
