-- A number that changes with every row written or taken away where boards look: each insert makes a part of a new
-- block, each deletion one of a new mutation; a merge does neither and would only have boards asked once for nothing.
SELECT cityHash64(groupArray((name, block, mutation)))
FROM
(
    SELECT
        table AS name,
        partition_id,
        max(max_block_number) AS block,
        maxIf(data_version, data_version > max_block_number) AS mutation
    FROM system.parts
    WHERE active
        AND database IN ('dws', 'dim')
    GROUP BY name, partition_id
    ORDER BY name, partition_id
)
