SELECT question_type FROM dim.dim_quality_question FINAL
