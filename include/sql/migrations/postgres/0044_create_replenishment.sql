-- Replenishment plans: who asked for which, how far it is, what it came to. Its lines are in ClickHouse.

CREATE TABLE replenishment (
    replenishment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id           text NOT NULL UNIQUE,
    origin           text NOT NULL CHECK (origin IN ('board', 'hand')),
    asked_by         text NOT NULL,
    asked_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    params           jsonb NOT NULL,
    state            text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    progress         text NOT NULL DEFAULT '',
    share            double precision,
    moved_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    lines            integer,
    amount           numeric(18, 2)
);
CREATE UNIQUE INDEX replenishment_open ON replenishment (asked_by)
    WHERE origin = 'board' AND state IN ('waiting', 'running');
COMMENT ON COLUMN replenishment.run_id IS 'run of DAG lingyang_replenishment';
COMMENT ON COLUMN replenishment.progress IS 'last step, or why it failed, as a sentence in Chinese';
COMMENT ON COLUMN replenishment.share IS 'how much is done, 0 to 1; null: not known';
COMMENT ON COLUMN replenishment.amount IS 'purchase at cost; shown to role finance only';
COMMENT ON INDEX replenishment_open IS 'a person has one open plan at a time, however often the button is clicked';
