-- Re-drive of dead letters, and plans whose first page fails while the source answers others.

ALTER TABLE letter ADD COLUMN identity bytea;
ALTER TABLE letter ADD COLUMN met boolean NOT NULL DEFAULT true;
ALTER TABLE letter ADD COLUMN tried_at timestamptz;
CREATE UNIQUE INDEX letter_identity ON letter (plan_id, identity);
COMMENT ON COLUMN letter.plan_id IS 'the plan whose window it holds open; one met again by a re-drive stays with that plan';
COMMENT ON COLUMN letter.identity IS 'equal for the same content with the same fault';
COMMENT ON COLUMN letter.met IS 'the last reading met it again; one it did not meet is redriven when that reading is loaded';
COMMENT ON COLUMN letter.tries IS 'readings after the first that met it again';

ALTER TABLE plan ADD COLUMN redrives text;
ALTER TABLE plan ADD COLUMN cursor_until bigint;
ALTER TABLE plan ADD COLUMN failures integer NOT NULL DEFAULT 0;
ALTER TABLE plan ADD COLUMN not_before timestamptz;
CREATE INDEX plan_redrives ON plan (redrives) WHERE redrives IS NOT NULL;
COMMENT ON COLUMN plan.redrives IS 'the plan whose letters this one reads again; it holds no watermark itself';
COMMENT ON COLUMN plan.cursor_until IS 'read by cursor up to this ts; NULL: to the end';
COMMENT ON COLUMN plan.failures IS 'how often it was set aside because its first page failed while others were answered';
COMMENT ON COLUMN plan.not_before IS 'set aside until then';
COMMENT ON COLUMN plan.proven_at IS 'since when the complete watermark may pass it: proven, or excepted';

CREATE TABLE letter_scan (
    topic      text NOT NULL,
    partition  integer NOT NULL,
    position   bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE letter_scan IS 'up to here every letter in Kafka is in the index';
