SELECT channel, state, count(*) AS value FROM message WHERE due_at IS NOT NULL GROUP BY channel, state
