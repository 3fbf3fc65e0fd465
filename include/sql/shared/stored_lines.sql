-- Every line DWS has ever had for the orders in touched: those that vanished at the source are written as deleted. Of an
-- order that is new it has none, and they are not looked for.
SELECT ${key} AS id, groupUniqArray(line_id) AS ever
FROM dws.dws_${module}
WHERE ${include shared/sort_keys_of_touched among=touched WHERE is_known}
GROUP BY id
