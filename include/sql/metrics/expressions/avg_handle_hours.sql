ratio(sum(handle_seconds), count() * 3600)
