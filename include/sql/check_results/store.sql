INSERT INTO ops.check_result
    (name, checked_at, severity, owner, found, examples, since, seconds)
VALUES
