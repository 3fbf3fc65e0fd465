-- Links by which a wall display opens the boards without a person's login.

CREATE TABLE wall_link (
    link_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key_hash    bytea NOT NULL UNIQUE,
    wall        text NOT NULL,
    made_by     text NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_by  text,
    revoked_at  timestamptz,
    seen_at     timestamptz
);
COMMENT ON COLUMN wall_link.key_hash IS 'SHA-256 of the key, which is stored nowhere';
COMMENT ON COLUMN wall_link.wall IS 'name under walls in access.yaml, whose shops it shows';
