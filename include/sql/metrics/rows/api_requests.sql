SELECT * FROM api_calls
