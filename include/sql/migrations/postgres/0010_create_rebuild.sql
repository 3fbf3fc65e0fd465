-- How far each replay of Kafka's records is (DAG jst_rebuild); offsets in the module's topic.

CREATE TABLE rebuild (
    run_id      text NOT NULL,
    module      text NOT NULL,
    partition   integer NOT NULL,
    first       bigint NOT NULL,
    next        bigint NOT NULL,
    until       bigint NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, module, partition)
);
COMMENT ON COLUMN rebuild.next IS 'everything before it is loaded again; until is the end of the range, not in it';
