"""Backups: the control database first, ClickHouse after it, and both put back into empty servers."""
