-- The score of each minute.
SELECT minute, score FROM ops.bi_health FINAL WHERE ${include shared/asked_minutes of=minute}
