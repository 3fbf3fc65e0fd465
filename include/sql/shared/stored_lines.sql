-- Every line DWS has ever had for the orders in touched: those that vanished at the source are written as deleted.
SELECT ${key} AS id, groupUniqArray(line_id) AS ever
FROM dws.dws_${module}
WHERE ${include shared/sort_keys_of_touched}
GROUP BY id
