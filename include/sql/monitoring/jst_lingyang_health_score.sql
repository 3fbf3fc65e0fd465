-- Of the last minutes only: what is not looked at any more has no score.
SELECT score AS value FROM ops.bi_health FINAL WHERE minute > now() - 600 ORDER BY minute DESC LIMIT 1
