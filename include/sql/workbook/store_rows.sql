INSERT INTO dim.${table}
    (${columns}, version, is_deleted)
VALUES
