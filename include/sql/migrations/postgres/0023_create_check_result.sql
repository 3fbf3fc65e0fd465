-- What the data-quality checks (include/config/checks.yaml) found last; their history is in ClickHouse, ops.check_result.

CREATE TABLE check_result (
    name        text PRIMARY KEY,
    checked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    found       bigint NOT NULL,
    examples    text[] NOT NULL,
    since       timestamptz,
    seconds     double precision NOT NULL
);
COMMENT ON COLUMN check_result.since IS 'when it was found first, without a break until now; NULL: nothing is found';
