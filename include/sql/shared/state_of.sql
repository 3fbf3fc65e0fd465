-- Defines state_of: (version, modified, ts) of a record. The version is made anew of the columns: a stored one keeps the
-- rule it was written by.
(modified, ts, ticket, fetched_at) -> (
    ${include shared/version modified=modified ts=ts ticket=ticket fetched_at=fetched_at},
    modified, ifNull(ts, 0)) AS state_of
