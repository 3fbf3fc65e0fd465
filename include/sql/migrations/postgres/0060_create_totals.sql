-- Requests since this table is there, for counters that never go back: the rows by minute are deleted after a while.

CREATE TABLE api_total (
    module        text NOT NULL,
    endpoint      text NOT NULL,
    outcome       text NOT NULL,
    kind          text NOT NULL,
    requests      bigint NOT NULL,
    milliseconds  bigint NOT NULL,
    PRIMARY KEY (module, endpoint, outcome, kind)
);
COMMENT ON TABLE api_total IS 'what api_minute counted, of all minutes together';

CREATE TABLE budget_total (
    credential  text NOT NULL,
    bucket      text NOT NULL,
    origin      text NOT NULL,
    granted     bigint NOT NULL,
    refused     bigint NOT NULL,
    waited      double precision NOT NULL,
    PRIMARY KEY (credential, bucket, origin)
);
COMMENT ON TABLE budget_total IS 'what budget_minute counted, of all minutes together';
