-- Modules that are asked in batches of five minutes, what the budget was spent on, and gaps that are worked off later.

CREATE TABLE degradation (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    module     text NOT NULL,
    since      timestamptz NOT NULL DEFAULT clock_timestamp(),
    until      timestamptz,
    reason     text NOT NULL,
    batches    integer NOT NULL DEFAULT 0,
    clean      integer NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL
);
COMMENT ON TABLE degradation IS 'a row is one degradation of a live feed from its beginning to its end';
COMMENT ON COLUMN degradation.batches IS 'pulled or refused since it began';
COMMENT ON COLUMN degradation.clean IS 'batches in a row that hardly met a refusal; three end it';
COMMENT ON COLUMN degradation.due_at IS 'when the next batch is pulled; nothing is asked before';
CREATE UNIQUE INDEX degradation_standing ON degradation (module) WHERE until IS NULL;
CREATE INDEX degradation_history ON degradation (module, since);

ALTER TABLE budget ADD COLUMN rates jsonb NOT NULL DEFAULT '{}';
ALTER TABLE budget ADD COLUMN trouble double precision NOT NULL DEFAULT 0;
COMMENT ON COLUMN budget.rates IS '{"seconds of a rate": requests that are used of it at pace 1}';
COMMENT ON COLUMN budget.trouble IS 'a refusal adds 1, a grant takes a half: it grows while more than half is refused, and the pauses with it';

CREATE TABLE budget_minute (
    minute      timestamptz NOT NULL,
    credential  text NOT NULL,
    bucket      text NOT NULL,
    origin      text NOT NULL,
    granted     integer NOT NULL DEFAULT 0,
    refused     integer NOT NULL DEFAULT 0,
    waited      double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (minute, credential, bucket, origin)
);
COMMENT ON TABLE budget_minute IS 'requests of a minute by origin, kept for a week; processes write it every few seconds';
COMMENT ON COLUMN budget_minute.waited IS 'seconds all granted requests together waited for their slots';

CREATE VIEW budget_now AS
SELECT credential, bucket, pace, rates, granted, refused, next_at,
       (SELECT min(value::float8 * pace * 60 / key::float8) FROM jsonb_each_text(rates)) AS per_minute,
       (SELECT coalesce(sum(spent.granted), 0) FROM budget_minute AS spent
        WHERE spent.credential = budget.credential AND spent.bucket = budget.bucket
          AND spent.minute = date_trunc('minute', clock_timestamp() - interval '1 minute')) AS used_last_minute,
       (SELECT coalesce(sum(spent.refused), 0) FROM budget_minute AS spent
        WHERE spent.credential = budget.credential AND spent.bucket = budget.bucket
          AND spent.minute = date_trunc('minute', clock_timestamp() - interval '1 minute')) AS refused_last_minute
FROM budget;
COMMENT ON VIEW budget_now IS 'requests a minute each bucket may make now, and what the last full minute used of it';

ALTER TABLE plan DROP CONSTRAINT plan_origin_check;
ALTER TABLE plan ADD CONSTRAINT plan_origin_check
    CHECK (origin IN ('live', 'gap', 'initial', 'reconcile', 'backfill', 'redrive', 'refresh'));
ALTER TABLE plan ADD COLUMN IF NOT EXISTS cursor_until bigint;
COMMENT ON COLUMN plan.cursor_until IS 'read by cursor up to this ts; NULL: to the end';
CREATE INDEX plan_gap ON plan (module, since) WHERE origin = 'gap';
