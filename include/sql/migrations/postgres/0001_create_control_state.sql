-- What the system remembers (architecture D11). Times are timestamptz; windows are closed on both ends.

CREATE TABLE plan (
    plan_id      text PRIMARY KEY,
    module       text NOT NULL,
    origin       text NOT NULL CHECK (origin IN ('live', 'initial', 'reconcile', 'backfill', 'redrive', 'refresh')),
    dag_id       text NOT NULL,
    run_id       text NOT NULL,
    ordinal      bigint NOT NULL,
    field        text NOT NULL,
    since        timestamptz NOT NULL,
    window_from  timestamptz NOT NULL,
    window_to    timestamptz NOT NULL,
    state        text NOT NULL DEFAULT 'planned'
                 CHECK (state IN ('planned', 'pulled', 'loaded', 'proven', 'excepted', 'open')),
    reason       text NOT NULL DEFAULT '',
    started      integer NOT NULL DEFAULT 0,
    attempt      integer NOT NULL DEFAULT 0,
    proven_at    timestamptz,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (module, dag_id, run_id, ordinal)
);
COMMENT ON COLUMN plan.since IS 'where the plan continues the read watermark; window_from lies an overlap before it';
COMMENT ON COLUMN plan.started IS 'attempts begun; attempt is the one whose records count';
CREATE INDEX plan_waiting ON plan (module, state, window_to) WHERE state IN ('planned', 'pulled', 'loaded', 'open');
CREATE INDEX plan_unproven ON plan (module, since) WHERE proven_at IS NULL;
CREATE SEQUENCE plan_number;

CREATE TABLE receipt (
    plan_id      text NOT NULL REFERENCES plan ON DELETE CASCADE,
    attempt      integer NOT NULL,
    requests     integer NOT NULL,
    rows         integer NOT NULL,
    keys         integer NOT NULL,
    carried      integer NOT NULL,
    letters      integer NOT NULL,
    total_first  integer NOT NULL,
    total_last   integer NOT NULL,
    proof        text NOT NULL CHECK (proof IN ('', 'counted', 'set', 'cursor')),
    reason       text NOT NULL,
    unknown      jsonb NOT NULL,
    offsets      jsonb NOT NULL,
    started_at   timestamptz NOT NULL,
    finished_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (plan_id, attempt)
);
COMMENT ON COLUMN receipt.offsets IS '{"partition": [first, last + 1]} in the module''s topic';

CREATE TABLE watermark (
    module      text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('start', 'read', 'complete')),
    value       timestamptz NOT NULL,
    reason      text NOT NULL DEFAULT '',
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (module, kind)
);

CREATE TABLE feed (
    module      text PRIMARY KEY,
    failures    integer NOT NULL DEFAULT 0,
    hold_until  timestamptz,
    hold_run    text NOT NULL DEFAULT '',
    reason      text NOT NULL DEFAULT ''
);

CREATE TABLE shift (
    module    text NOT NULL,
    run_id    text NOT NULL,
    ended_at  timestamptz,
    PRIMARY KEY (module, run_id)
);

CREATE TABLE credential (
    credential  text PRIMARY KEY,
    ticket      bigint NOT NULL DEFAULT 0
);

CREATE TABLE budget (
    credential  text NOT NULL,
    endpoint    text NOT NULL,
    next_at     timestamptz NOT NULL,
    granted     bigint NOT NULL DEFAULT 0,
    refused     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (credential, endpoint)
);

CREATE TABLE letter (
    topic       text NOT NULL,
    partition   integer NOT NULL,
    position    bigint NOT NULL,
    module      text NOT NULL,
    plan_id     text NOT NULL,
    attempt     integer NOT NULL,
    page        integer NOT NULL,
    key         text NOT NULL,
    reason      text NOT NULL,
    cause       text NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'redriven', 'parked')),
    tries       integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, partition, position)
);
CREATE INDEX letter_open ON letter (module, created_at) WHERE state <> 'redriven';

CREATE TABLE fence (
    module    text PRIMARY KEY,
    number    bigint NOT NULL DEFAULT 0,
    released  boolean NOT NULL DEFAULT true
);
