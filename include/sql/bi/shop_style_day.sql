-- Each style of each shop on each day.
SELECT * REPLACE (nullIf(i_id, '') AS i_id)
FROM dws.dws_shop_style_day FINAL
