"""A migrated ClickHouse for the metrics."""

from tests.support.warehouse_fixtures import client

__all__ = ["client"]
