SELECT extract(epoch FROM max(finished_at)) AS value FROM backup
