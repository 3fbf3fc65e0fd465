-- What was last looked for in the wide tables: only SKUs that came since have to be searched by day.

CREATE TABLE label_search (
    module       text PRIMARY KEY,
    searched_at  timestamptz,
    whole_at     timestamptz,
    dimensions   text NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE label_search IS 'the search for rows whose labels the dimensions have overtaken';
COMMENT ON COLUMN label_search.searched_at IS 'when the last search began that came to its end';
COMMENT ON COLUMN label_search.whole_at IS 'when the last one of all rows began that came to its end';
COMMENT ON COLUMN label_search.dimensions IS 'what shops, rates, warehouses and reasons of return said then, as a number';
COMMENT ON COLUMN label_search.changed_at IS 'since when they say so';
