-- What is wrong and stays wrong until somebody or something mends it.

CREATE TABLE incident (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL,
    module     text NOT NULL,
    subject    text NOT NULL,
    opened_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at  timestamptz,
    times      integer NOT NULL DEFAULT 1,
    what       text NOT NULL,
    "do"       text NOT NULL,
    detail     jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE incident IS 'a row is one incident from its opening to its closing; what comes back later is a new row';
COMMENT ON COLUMN incident.subject IS 'what of the module it is about; one incident of a kind, module and subject is open at a time';
COMMENT ON COLUMN incident.seen_at IS 'last time it was found, out of times';
CREATE UNIQUE INDEX incident_standing ON incident (kind, module, subject) WHERE closed_at IS NULL;
