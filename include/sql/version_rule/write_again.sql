-- The same rows in the version the rule makes of them.
INSERT INTO dwd.dwd_${module}
SELECT * REPLACE (
    ${include shared/version modified=assumeNotNull(modified) ts=${ts} ticket=ticket fetched_at=fetched_at} AS version)
FROM
(
    -- Apart: beside the new version the condition would mean that one.
    SELECT * FROM dwd.dwd_${module} WHERE ${include shared/outranks}
)
