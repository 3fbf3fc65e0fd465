SELECT * FROM bi_health
