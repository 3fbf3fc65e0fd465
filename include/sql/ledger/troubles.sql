-- Tasks that fail, with the last error; what was not tried for 15 minutes says nothing of now.
SELECT module, task, nature, server, run_id, what, place, "do", tries, since,
       extract(epoch FROM now() - since)::float8 AS age
FROM trouble WHERE seen_at > now() - interval '15 minutes'
