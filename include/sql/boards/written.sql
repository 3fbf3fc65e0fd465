-- A number that changes with every row written where boards look: each insert makes a part. Merges change it too, and
-- then a board is asked once for nothing.
SELECT cityHash64(groupArray((name, parts, bytes)))
FROM
(
    SELECT table AS name, count() AS parts, sum(marks_bytes) + sum(primary_key_size) AS bytes
    FROM system.parts
    WHERE active
        AND database IN ('dws', 'dim')
    GROUP BY name
    ORDER BY name
)
