-- Records as they came, before any rule.
INSERT INTO ods.${module}
    (partition, offset, key, plan_id, attempt, ticket, page, fetched_at, produced_at, body)
VALUES
