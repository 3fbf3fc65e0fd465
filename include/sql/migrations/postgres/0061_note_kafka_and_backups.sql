-- Which Kafka the offsets of receipts and letters mean, and the backups that were made.

CREATE TABLE kafka_cluster (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    cluster_id  text NOT NULL,
    since       timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE backup (
    name             text PRIMARY KEY,
    base             text,
    began_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at      timestamptz,
    control_bytes    bigint,
    warehouse_bytes  bigint,
    trouble          text NOT NULL DEFAULT ''
);
COMMENT ON COLUMN backup.base IS 'the full backup this one adds to; NULL: it is full';
COMMENT ON COLUMN backup.finished_at IS 'NULL: under way, or it did not come to its end; trouble says why';
