"""A migrated ClickHouse for the metrics."""

from tests.support.bi_world import bi_logins
from tests.support.warehouse_fixtures import client

__all__ = ["bi_logins", "client"]
