INSERT INTO dim.dim_quality_question
    (question_type, version, is_deleted)
VALUES
