-- Every known account, the shops it may see, and whether it has role finance.
SELECT account, arraySort(groupUniqArrayIf(shop_id, role = '')), countIf(role = 'finance') > 0
FROM
(
    SELECT account, 0 AS shop_id, role::String AS role FROM access.user_role FINAL
    UNION ALL
    SELECT account, shop_id, '' FROM access.user_shop FINAL
)
GROUP BY account
ORDER BY account
