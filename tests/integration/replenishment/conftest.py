"""A migrated ClickHouse whose tables are empty before each test, with two shops in it."""

from tests.support.warehouse_fixtures import client, warehouse

__all__ = ["client", "warehouse"]
