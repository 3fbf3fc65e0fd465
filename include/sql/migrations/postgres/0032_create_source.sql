-- Whose source everything here was read from; written with the first answer of that source.

CREATE TABLE source (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    app_key     text NOT NULL,
    dialect     text NOT NULL,
    host        text NOT NULL,
    since       timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE source IS 'a connection with another app_key or dialect is refused: its rows would stand among these under the same keys';
COMMENT ON COLUMN source.host IS 'where it was last reached; another one is logged once';
COMMENT ON COLUMN source.since IS 'when it was first read, or taken over';
