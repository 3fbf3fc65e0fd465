-- Tickets by which a program of ours opens the boards as one account, for minutes: the browser that takes pictures.

CREATE TABLE viewer_ticket (
    key_hash  bytea PRIMARY KEY,
    account   text NOT NULL,
    ends_at   timestamptz NOT NULL
);
COMMENT ON COLUMN viewer_ticket.key_hash IS 'SHA-256 of the key, which is stored nowhere';
COMMENT ON COLUMN viewer_ticket.account IS 'as which the boards are shown: one of access.yaml, or of the workbook';
