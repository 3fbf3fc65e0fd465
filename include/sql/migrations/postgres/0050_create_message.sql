-- The outbox: what is to be said to people, what became of it, and nothing twice.

CREATE TABLE message (
    message_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel     text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('report', 'incident')),
    subject     text NOT NULL,
    slot        text NOT NULL,
    priority    smallint NOT NULL,
    until       timestamptz NOT NULL,
    body        jsonb NOT NULL,
    put_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    state       text NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'sending', 'sent', 'maybe_sent', 'refused', 'skipped')),
    due_at      timestamptz DEFAULT '-infinity',
    attempt     integer NOT NULL DEFAULT 0,
    moved_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    what        text NOT NULL DEFAULT '',
    "do"        text NOT NULL DEFAULT '',
    again_by    text,
    UNIQUE (channel, kind, subject, slot)
);
CREATE INDEX message_open ON message (channel, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX message_newest ON message (state, message_id);
COMMENT ON TABLE message IS 'a row is one message on one channel; its key is never used for another one';
COMMENT ON COLUMN message.channel IS 'name in messages.yaml';
COMMENT ON COLUMN message.slot IS 'which of its subject: a business day, or a step of an incident';
COMMENT ON COLUMN message.until IS 'after that it is of no use any more and is skipped';
COMMENT ON COLUMN message.body IS 'title, lines, link, severity, accounts to mention; never a mobile number';
COMMENT ON COLUMN message.due_at IS 'when it may be sent; null: never again by itself';
COMMENT ON COLUMN message.attempt IS 'grows with every claim: only the last one may say what came of it';
COMMENT ON COLUMN message.what IS 'why it is not sent, as a sentence in Chinese';
COMMENT ON COLUMN message.again_by IS 'account that had it sent again';

CREATE TABLE message_picture (
    message_id  bigint PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    png         bytea NOT NULL
);
