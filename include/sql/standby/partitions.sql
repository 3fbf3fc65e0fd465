SELECT DISTINCT partition_id
FROM system.parts
WHERE active AND concat(database, '.', table) = %(table)s
ORDER BY partition_id
