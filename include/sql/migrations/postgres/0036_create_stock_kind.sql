-- Which kind of stock is read and shown, and the warehouses that are asked for theirs.

CREATE TABLE stock_kind (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    read       text NOT NULL CHECK (read IN ('total', 'per_warehouse')),
    shown      text NOT NULL CHECK (shown IN ('total', 'per_warehouse')),
    settled    boolean NOT NULL DEFAULT true,
    since      timestamptz NOT NULL DEFAULT clock_timestamp(),
    listed_at  timestamptz
);
COMMENT ON TABLE stock_kind IS 'never both kinds at once: sums over the wide table would double';
COMMENT ON COLUMN stock_kind.read IS 'the kind that is read since the moment in column since';
COMMENT ON COLUMN stock_kind.shown IS 'the kind the wide table has; another one than read until the first load of that one is done';
COMMENT ON COLUMN stock_kind.settled IS 'whether the tables hold nothing of the kind that is not read';
COMMENT ON COLUMN stock_kind.listed_at IS 'when the source listed its warehouses last, where it is asked for them';

-- what was read before there was a choice
INSERT INTO stock_kind (read, shown)
SELECT 'total', 'total' WHERE EXISTS (SELECT FROM watermark WHERE module = 'inventory');

CREATE TABLE branch (
    wms_co_id  bigint PRIMARY KEY CHECK (wms_co_id > 0),
    listed     boolean NOT NULL DEFAULT true,
    since      timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE branch IS 'warehouses whose stock is asked for; empty while totals are read';
COMMENT ON COLUMN branch.listed IS 'whether the last list had it: one that is gone is not asked, one that comes back is loaded anew';
COMMENT ON COLUMN branch.since IS 'from when on it is asked';
