CREATE TABLE IF NOT EXISTS ops.migration
(
    name String COMMENT 'File name of the migration',
    checksum String COMMENT 'SHA-256 of its text',
    applied_at DateTime('Asia/Shanghai') DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY name
COMMENT 'Migrations this server has run'
