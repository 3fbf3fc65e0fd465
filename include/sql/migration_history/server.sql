-- What a server is: its version, the engines of our tables, our databases that replicate statements and not rows, and
-- how many other hosts keep the same shard as this one in a cluster.
SELECT
    version(),
    (
        SELECT groupUniqArray(engine) FROM system.tables
        WHERE database IN (${databases}) AND endsWith(engine, 'MergeTree')
    ),
    (SELECT groupArray(name) FROM system.databases WHERE name IN (${databases}) AND engine = 'Replicated'),
    (
        SELECT max(others) FROM (
            SELECT countIf(is_local = 0) AS others FROM system.clusters
            GROUP BY cluster, shard_num HAVING max(is_local) = 1
        )
    )
