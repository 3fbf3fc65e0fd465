"""Emptying the control database between tests."""

from __future__ import annotations

from jst.control.database import Database


def empty(database: Database) -> None:
    """Every table but the history of migrations."""
    tables = database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration'")
    database.rows(f"TRUNCATE {', '.join(name for (name,) in tables)}")
