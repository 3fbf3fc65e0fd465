-- What access.user_shop must say and does not yet: owners by the workbook that is in force, who sees every
-- shop, and wall displays.
INSERT INTO access.user_shop (account, shop_id, version, is_deleted)
SELECT
    account, shop_id,
    (SELECT max(version) + 1 FROM access.user_shop), -- version
    max(wanted) = 0 -- is_deleted
FROM
(
    SELECT owner AS account, shop_id, 1 AS wanted, 0 AS stored FROM dim.dim_shop FINAL WHERE in_workbook AND owner != ''
    UNION ALL
    SELECT arrayJoin(CAST(%(all_shops)s, 'Array(String)')), shop_id, 1, 0 FROM dim.dim_shop FINAL
    UNION ALL
    SELECT wall.1, wall.2, 1, 0 FROM (SELECT arrayJoin(CAST(%(walls)s, 'Array(Tuple(String, Int64))')) AS wall)
    UNION ALL
    SELECT account, shop_id, 0, 1 FROM access.user_shop FINAL
)
GROUP BY account, shop_id
HAVING max(wanted) != max(stored)
