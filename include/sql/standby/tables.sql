-- Every table that a standby must have, those that feed a materialized view first: what the view writes comes after.
-- Raw text (ods) is left out: it is a copy of Kafka's for seven days. A time of writing differs from node to node.
SELECT
    concat(tables.database, '.', tables.name),
    tables.sorting_key,
    tables.total_rows,
    columns.stored,
    columns.compared
FROM system.tables AS tables
INNER JOIN
(
    SELECT
        database, table,
        arrayStringConcat(groupArray(name), ', ') AS stored,
        arrayStringConcat(
            groupArrayIf(
                if(type LIKE 'AggregateFunction%%', concat('finalizeAggregation(', name, ')'), name),
                default_expression NOT LIKE '%%now%%'),
            ', ') AS compared
    FROM (SELECT * FROM system.columns ORDER BY database, table, position)
    WHERE default_kind NOT IN ('ALIAS', 'MATERIALIZED', 'EPHEMERAL')
    GROUP BY database, table
) AS columns ON columns.database = tables.database AND columns.table = tables.name
WHERE tables.database IN ('dwd', 'dws', 'dim', 'ops', 'access')
    AND tables.engine LIKE '%%MergeTree'
    AND (tables.database, tables.name) != ('ops', 'migration')
ORDER BY empty(tables.dependencies_table), tables.database, tables.name
