-- Runs of 瓴羊BI's own subscriptions that we asked for: one a slot, since asking twice sends twice.

CREATE TABLE subscription_run (
    slot         text PRIMARY KEY,
    mail_id      text NOT NULL,
    asked_by     uuid NOT NULL,
    task_before  bigint NOT NULL,
    asked_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN subscription_run.slot IS 'edition and business day, as in daily 2026-11-29';
COMMENT ON COLUMN subscription_run.asked_by IS 'the attempt that may ask; a row is written before the request leaves';
COMMENT ON COLUMN subscription_run.task_before IS 'number of the last run there was before: a larger one is ours';
