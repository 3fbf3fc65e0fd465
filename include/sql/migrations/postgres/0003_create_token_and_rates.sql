-- The openapi dialect's access token, and a budget that keeps several rates at once.

CREATE TABLE token (
    credential   text PRIMARY KEY,
    number       bigint NOT NULL DEFAULT 0,
    sealed       bytea,
    holder       text NOT NULL DEFAULT '',
    held_until   timestamptz NOT NULL DEFAULT '-infinity',
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN token.number IS 'grows with every renewal';
COMMENT ON COLUMN token.sealed IS 'access and refresh token with their times, encrypted with a key made of the app_secret';
COMMENT ON COLUMN token.holder IS 'who renews it; everybody else waits until held_until at most';

ALTER TABLE budget RENAME COLUMN endpoint TO bucket;
ALTER TABLE budget ALTER COLUMN next_at SET DEFAULT '-infinity';
ALTER TABLE budget ADD COLUMN used jsonb NOT NULL DEFAULT '{}';
ALTER TABLE budget ADD COLUMN pace double precision NOT NULL DEFAULT 1 CHECK (pace > 0 AND pace <= 1);
COMMENT ON COLUMN budget.bucket IS 'what the source counts together: an endpoint, or * for all of the credential';
COMMENT ON COLUMN budget.next_at IS 'nobody asks before: the last granted slot, or the end of a pause the source asked for';
COMMENT ON COLUMN budget.used IS '{"seconds of a rate": until when (unix time) even spacing has used it up}';
COMMENT ON COLUMN budget.pace IS 'share of the rates in use: refusals lower it, every grant raises it a little';
