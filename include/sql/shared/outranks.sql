-- Whether a stored row has a version above what the rule makes of it: its time was one of the future.
version > ${include shared/version modified=assumeNotNull(modified) ts=${ts} ticket=ticket fetched_at=fetched_at}
