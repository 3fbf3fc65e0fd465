-- The frame of every metric: its expression (expressions/<code>.sql) over the rows it counts (rows/<rows>.sql), made of
-- the wide tables as tables/ reads them. Parameters: first and last day of the period; as_of, the
-- moment the data are of (read watermark), whose day is today; the lists of config/metrics.yaml; the values
-- that are kept.
WITH
    -- Null over an empty denominator; twelve decimals, so that rounding at the end rounds the true quotient.
    (a, b) -> if(b = 0, NULL, toDecimal256(a, 12) / b) AS ratio,
    ${tables}
SELECT ${shown}round(${include metrics/expressions/${code}}, ${scale}) AS value
FROM
(
${include metrics/rows/${rows}}
) AS counted
${kept}
${group}
