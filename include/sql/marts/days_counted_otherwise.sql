-- Days with hours from before a column or a list of types was what it is.
SELECT DISTINCT biz_day
FROM dws.dws_shop_hour FINAL
WHERE form != ${include marts/form_of_hours}
