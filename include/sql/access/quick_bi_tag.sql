-- What access.quick_bi_tag must say and does not yet: the shops of every account, under its name in Quick BI.
INSERT INTO access.quick_bi_tag (account_name, shop_id, version, is_deleted)
SELECT
    account_name,
    shop, -- shop_id
    (SELECT max(version) + 1 FROM access.quick_bi_tag), -- version
    max(wanted) = 0 -- is_deleted
FROM
(
    SELECT replace(%(account_name)s, '{account}', account) AS account_name, toString(shop_id) AS shop, 1 AS wanted,
        0 AS stored
    FROM access.user_shop FINAL
    UNION ALL
    SELECT account_name, shop_id, 0, 1 FROM access.quick_bi_tag FINAL
)
GROUP BY account_name, shop
HAVING max(wanted) != max(stored)
