"""An empty control database and a migrated ClickHouse."""

from tests.support.control_fixture import database
from tests.support.warehouse_fixtures import client

__all__ = ["client", "database"]
