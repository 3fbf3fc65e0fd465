-- What reconciliation remembers from round to round.

CREATE TABLE lost (
    module    text NOT NULL,
    key       text NOT NULL,
    rounds    integer NOT NULL DEFAULT 1,
    since     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (module, key)
);
COMMENT ON TABLE lost IS 'records the warehouse has and the source did not give when asked by key, rounds times';

CREATE TABLE cursor_trail (
    module   text NOT NULL,
    value    bigint NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (module, seen_at)
);
COMMENT ON TABLE cursor_trail IS 'how far the live feed had read along ts, and when';

CREATE TABLE cursor_reread (
    module   text NOT NULL,
    minutes  integer NOT NULL,
    value    bigint NOT NULL,
    PRIMARY KEY (module, minutes)
);
COMMENT ON TABLE cursor_reread IS 'up to this ts was read again, so many minutes after it had been read first';
