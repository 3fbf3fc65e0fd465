SELECT max(version) FROM dim.dim_quality_question
