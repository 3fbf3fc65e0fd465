-- Leaves of what is ``counted`` the rows that the mart does not hold yet, and those it holds and counts no more.
FULL OUTER JOIN
(
    SELECT shop_id, ${column}, digest
    FROM dws.${table} FINAL
    WHERE biz_day = toDate(%(day)s) AND (%(whole)s OR (${among}) IN (SELECT ${among} FROM touched))
) AS stored USING (shop_id, ${key})
WHERE counted.digest != stored.digest
