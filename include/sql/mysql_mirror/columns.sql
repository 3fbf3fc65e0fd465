-- Columns of MySQL's dim_sku, whether a unique key is on this column alone, and how many characters a text may have.
SELECT
    column_name,
    column_name IN
    (
        SELECT any_column FROM
        (
            SELECT MIN(column_name) AS any_column
            FROM information_schema.statistics
            WHERE table_schema = DATABASE() AND table_name = 'dim_sku' AND non_unique = 0
            GROUP BY index_name
            HAVING COUNT(*) = 1
        ) AS alone
    ) AS is_key,
    character_maximum_length AS longest
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = 'dim_sku'
