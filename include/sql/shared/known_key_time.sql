-- The sort key that DWD has of each order in touched, where it has any.
LEFT JOIN
(
    SELECT ${key}, any(key_time) AS key_time
    FROM dwd.dwd_${module}
    WHERE ${key} IN (SELECT key FROM touched WHERE is_known)
    GROUP BY ${key}
) AS known ON known.${key} = raw.key
