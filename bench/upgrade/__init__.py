"""A rolling upgrade: workers of an older version beside the new tables, then one process after the other replaced."""
