CREATE TABLE IF NOT EXISTS dim.dim_quality_question
(
    question_type String COMMENT 'Reason of an after-sale that counts as a question of quality',
    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY question_type
COMMENT 'Question types that are questions of quality, from the workbook'
