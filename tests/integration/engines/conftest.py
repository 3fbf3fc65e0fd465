"""A migrated ClickHouse, the one the others are compared with."""

from tests.support.warehouse_fixtures import client

__all__ = ["client"]
