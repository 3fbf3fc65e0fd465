SELECT module, endpoint, outcome, kind, milliseconds / 1000.0 AS value FROM api_total
