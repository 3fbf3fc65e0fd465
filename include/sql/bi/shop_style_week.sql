-- Each style of each shop over the newest business day and the seven complete ones before it.
SELECT * REPLACE (nullIf(i_id, '') AS i_id)
FROM dws.dws_shop_style_week FINAL
