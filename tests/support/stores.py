"""The stores of a test run, and emptying them between tests."""

from __future__ import annotations

from typing import Any, NamedTuple

import clickhouse_driver

from jst.control.database import Database


class Stores(NamedTuple):
    """Addresses: libpq URL, ``bootstrap.servers``, and the clickhouse fixture's facts."""

    dsn: str
    kafka: str
    clickhouse: dict[str, Any]


def empty_control(database: Database) -> None:
    """Every table but the history of migrations; only those that hold rows: emptying one is dear, asking is not."""
    tables = database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration'")
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for (name,) in tables)
    if filled := database.rows(asked):
        database.rows(f"TRUNCATE {', '.join(name for (name,) in filled)} CASCADE")


def empty_stores(dsn: str, warehouse: clickhouse_driver.Client) -> None:
    with Database(dsn) as database:
        empty_control(database)
    for (table,) in warehouse.execute(
        "SELECT database || '.' || name FROM system.tables"
        " WHERE database IN ('ods', 'dwd', 'dws', 'dim', 'access') AND ifNull(total_rows, 1) > 0"
    ):
        warehouse.execute(f"TRUNCATE TABLE {table}")
