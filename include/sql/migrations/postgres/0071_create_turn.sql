-- Whose turn it is to watch and to read one module's live feed, so that the next run gets ready before this one ends.

CREATE TABLE turn (
    module      text PRIMARY KEY,
    run_id      text NOT NULL,
    until       timestamptz NOT NULL,
    relief_at   timestamptz,
    ready_at    timestamptz,
    cleared_at  timestamptz
);
COMMENT ON COLUMN turn.until IS 'its run renews it; another one may take the turn once it is over';
COMMENT ON COLUMN turn.relief_at IS 'from then on the next run may take the turn and get ready, while this one goes on reading';
COMMENT ON COLUMN turn.ready_at IS 'when the run was ready to read and another one still did';
COMMENT ON COLUMN turn.cleared_at IS 'when a run whose turn it is not, one that was cleared, waited to read';
