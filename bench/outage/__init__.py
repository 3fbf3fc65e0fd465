"""Time the catching up after an hour without the source, or without ClickHouse."""
