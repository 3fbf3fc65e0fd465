-- Modules whose source answers no questions by key: what needs keys goes by windows there.

CREATE TABLE key_refusal (
    module      text PRIMARY KEY,
    said        text NOT NULL,
    refused_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE key_refusal IS 'modules the source answers by window and not by key; asked again a day later, forgotten with the first answer';
COMMENT ON COLUMN key_refusal.said IS 'what showed it, in Chinese';
