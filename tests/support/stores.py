"""Emptying the stores between tests."""

from __future__ import annotations

import clickhouse_driver

from jst.control.database import Database


def empty_control(database: Database) -> None:
    """Every table but the history of migrations."""
    tables = database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration'")
    database.rows(f"TRUNCATE {', '.join(name for (name,) in tables)}")


def empty_stores(dsn: str, warehouse: clickhouse_driver.Client) -> None:
    with Database(dsn) as database:
        empty_control(database)
    for (table,) in warehouse.execute(
        "SELECT database || '.' || name FROM system.tables WHERE database IN ('ods', 'dwd', 'dws', 'dim', 'access')"
    ):
        warehouse.execute(f"TRUNCATE TABLE {table}")
