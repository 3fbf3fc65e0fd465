-- ClickHouse nodes that are kept in step by us (a connection with extra.standby); empty where there is one node.

CREATE TABLE node (
    node        text PRIMARY KEY,
    state       text NOT NULL CHECK (state IN ('serving', 'proven', 'filling', 'away')),
    joined      boolean NOT NULL DEFAULT false,
    reason      text NOT NULL DEFAULT '',
    left_at     timestamptz,
    proof       text NOT NULL DEFAULT '',
    proven_at   timestamptz,
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE node IS 'reads go to the one that is serving; a proven one is equal to it and may take its place at once';
COMMENT ON COLUMN node.node IS 'host:port, native protocol';
COMMENT ON COLUMN node.joined IS 'every write goes to it';
COMMENT ON COLUMN node.left_at IS 'what was written since may be missing; NULL and not joined: everything may be';
COMMENT ON COLUMN node.proof IS 'what the last comparison with the serving node counted';
CREATE UNIQUE INDEX node_serving ON node (state) WHERE state = 'serving';
