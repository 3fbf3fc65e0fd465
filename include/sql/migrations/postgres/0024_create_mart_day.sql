-- Days whose marts may differ from the wide tables (DAG jst_marts).

CREATE SEQUENCE mart_mark;
CREATE TABLE mart_day (
    module      text NOT NULL,
    day         date NOT NULL,
    mark        bigint NOT NULL,
    done        bigint NOT NULL DEFAULT 0,
    loading     boolean NOT NULL DEFAULT false,
    keys        text[] DEFAULT '{}',
    marked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (module, day)
);
COMMENT ON COLUMN mart_day.mark IS 'grows with every change; the marts have everything when done has reached it';
COMMENT ON COLUMN mart_day.loading IS 'a load is about to write rows that leave this day or come to it; it is marked again when they are there';
COMMENT ON COLUMN mart_day.keys IS 'what of the day: JSON arrays of shop, hour, SKU, style; NULL: all of it';
COMMENT ON COLUMN mart_day.marked_at IS 'since when it has been waiting';
CREATE INDEX mart_day_waiting ON mart_day (day) WHERE done < mark;

CREATE TABLE mart_search (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    searched_at timestamptz NOT NULL
);
COMMENT ON TABLE mart_search IS 'when all days were last compared with the wide tables, whoever changed them';
