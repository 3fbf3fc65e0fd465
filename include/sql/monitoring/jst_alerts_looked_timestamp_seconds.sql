SELECT extract(epoch FROM max(asked_at)) AS value FROM alert_rule WHERE asked_at > '-infinity'
