INSERT INTO ${table}
    (${columns}, version, is_deleted)
VALUES
