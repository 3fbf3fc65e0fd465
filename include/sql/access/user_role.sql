-- What access.user_role must say and does not yet: who owns a shop or is named in access.yaml is known.
INSERT INTO access.user_role (account, role, version, is_deleted)
SELECT
    account, role,
    (SELECT max(version) + 1 FROM access.user_role), -- version
    max(wanted) = 0 -- is_deleted
FROM
(
    SELECT account, 'viewer' AS role, 1 AS wanted, 0 AS stored FROM access.user_shop FINAL
    UNION ALL
    SELECT arrayJoin(CAST(%(known)s, 'Array(String)')), 'viewer', 1, 0
    UNION ALL
    SELECT arrayJoin(CAST(%(finance)s, 'Array(String)')), 'finance', 1, 0
    UNION ALL
    SELECT arrayJoin(CAST(%(buyers)s, 'Array(String)')), 'buyer', 1, 0
    UNION ALL
    SELECT DISTINCT owner, 'buyer', 1, 0 FROM dim.dim_shop FINAL WHERE %(owners_buy)s AND in_workbook AND owner != ''
    UNION ALL
    SELECT account, role, 0, 1 FROM access.user_role FINAL
)
GROUP BY account, role
HAVING max(wanted) != max(stored)
