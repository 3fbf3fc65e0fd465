-- How requests to the source ended and how long they took, by minute: for the board of the pipeline.

CREATE TABLE api_minute (
    minute        timestamptz NOT NULL,
    module        text NOT NULL,
    endpoint      text NOT NULL,
    outcome       text NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('ok', 'refused', 'failed')),
    requests      integer NOT NULL,
    milliseconds  bigint NOT NULL,
    latencies     integer[] NOT NULL,
    changed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (minute, module, endpoint, outcome, kind)
);
COMMENT ON TABLE api_minute IS 'requests of a minute by endpoint and outcome, kept for 30 days; processes write it every few seconds, and a killed one loses the seconds it had not written';
COMMENT ON COLUMN api_minute.outcome IS 'ok; http_429, http_5xx, code_199 … where the source named a status or a code; else unsuccessful, unreadable, timeout, unreachable, broken';
COMMENT ON COLUMN api_minute.kind IS 'ok; refused: the source says we are too fast; failed: any other';
COMMENT ON COLUMN api_minute.milliseconds IS 'all requests together';
COMMENT ON COLUMN api_minute.latencies IS 'requests by how long they took: place k counts those up to 2 ^ (k / 2) ms, the last one all longer ones too';
CREATE INDEX api_minute_changed ON api_minute (changed_at);
