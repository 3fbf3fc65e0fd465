INSERT INTO ops.access_proof (proven_at, account, place, expected, seen, passed, detail) VALUES
