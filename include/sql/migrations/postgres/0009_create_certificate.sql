-- What is known of a business day of a module: every check leaves a row, the one with the highest number counts.

CREATE TABLE certificate (
    day            date NOT NULL,
    module         text NOT NULL,
    number         integer NOT NULL,
    state          text NOT NULL CHECK (state IN ('proven', 'excepted', 'open')),
    rows           integer NOT NULL,
    keys           integer NOT NULL,
    source_amount  numeric(24, 4) NOT NULL,
    our_amount     numeric(24, 4) NOT NULL,
    missing        integer NOT NULL,
    surplus        integer NOT NULL,
    different      integer NOT NULL,
    moved          integer NOT NULL,
    exceptions     integer NOT NULL,
    reasons        jsonb NOT NULL,
    dag_id         text NOT NULL,
    run_id         text NOT NULL,
    issued_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (day, module, number)
);
COMMENT ON COLUMN certificate.state IS 'proven; excepted: only parked letters are missing, exceptions says how many; open: not proven, reasons says why';
COMMENT ON COLUMN certificate.rows IS 'records the source gave, keys counts each once';
COMMENT ON COLUMN certificate.source_amount IS 'amounts of the day as the source gave them, our_amount as the wide table shows them for the same records';
COMMENT ON COLUMN certificate.different IS 'records of which the tables hold another version than the source gave';
COMMENT ON COLUMN certificate.moved IS 'records that changed again at the source while they were compared: the tables hold the newer version';
COMMENT ON COLUMN certificate.reasons IS '["hours: why"]';
