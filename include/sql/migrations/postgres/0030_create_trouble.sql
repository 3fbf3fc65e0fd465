-- Which task of a module fails, since when and why, until it succeeds: a shift ends, its trouble does not.

CREATE TABLE trouble (
    module    text NOT NULL,
    task      text NOT NULL CHECK (task IN ('pull', 'load')),
    nature    text NOT NULL CHECK (nature IN ('passing', 'refused', 'hopeless')),
    server    text NOT NULL,
    run_id    text NOT NULL,
    what      text NOT NULL,
    place     text NOT NULL,
    "do"      text NOT NULL,
    tries     integer NOT NULL DEFAULT 1,
    since     timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (module, task)
);
COMMENT ON TABLE trouble IS 'a row lives from the first try that failed to the next one that succeeds';
COMMENT ON COLUMN trouble.nature IS 'refused: the source says we are too fast; hopeless: only a person can help';
COMMENT ON COLUMN trouble.server IS 'which server did not do what it was asked for; empty when none is to blame';
