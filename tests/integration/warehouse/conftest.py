"""A migrated ClickHouse whose tables are empty before each test, with two shops in it."""

from tests.support.control_fixture import database
from tests.support.warehouse_fixtures import client, warehouse

__all__ = ["client", "database", "warehouse"]
