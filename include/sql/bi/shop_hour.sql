-- What was sold and refunded in each hour of each shop.
SELECT * FROM dws.dws_shop_hour FINAL
