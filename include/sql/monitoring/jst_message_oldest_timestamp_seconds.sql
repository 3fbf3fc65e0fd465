SELECT channel, extract(epoch FROM min(put_at)) AS value
FROM message WHERE due_at <= now() AND until > now() GROUP BY channel
