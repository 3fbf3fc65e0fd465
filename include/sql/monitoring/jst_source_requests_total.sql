SELECT module, endpoint, outcome, kind, requests AS value FROM api_total
