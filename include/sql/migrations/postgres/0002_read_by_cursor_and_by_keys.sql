-- Plans that continue a ts cursor, and plans that ask for records by key.

ALTER TABLE plan ADD COLUMN cursor_from bigint;
ALTER TABLE plan ADD COLUMN keys text[];
ALTER TABLE plan ADD COLUMN begun_at timestamptz;
ALTER TABLE plan ADD COLUMN expected integer;
COMMENT ON COLUMN plan.cursor_from IS 'read by cursor from this ts on; NULL: by window, by keys, or the whole list';
COMMENT ON COLUMN plan.expected IS 'rows to come, where a larger window that was cut has told';
COMMENT ON COLUMN plan.keys IS 'read these records by key';

ALTER TABLE receipt ADD COLUMN cursor_to bigint;
ALTER TABLE receipt ALTER COLUMN total_first DROP NOT NULL;
ALTER TABLE receipt ALTER COLUMN total_last DROP NOT NULL;
COMMENT ON COLUMN receipt.cursor_to IS 'highest ts seen';
COMMENT ON COLUMN receipt.total_first IS 'rows of the window as the source counts them; NULL where it does not';

CREATE TABLE cursor_mark (
    module   text NOT NULL,
    value    bigint NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (module, value)
);
COMMENT ON TABLE cursor_mark IS 'highest ts the live feed had seen, and when; the lowest is where it has to go on';
