from __future__ import annotations

from typing import Any

import clickhouse_driver
import pytest

from local.instance import Instance
from tests.support.fixtures import schema
from tests.support.stores import empty_stores

__all__ = ["schema"]


@pytest.fixture
def servers(stack: Instance, schema: None, postgres_dsn: str, clickhouse: dict[str, Any]) -> Instance:
    """The test run's servers with empty tables."""
    warehouse = clickhouse_driver.Client(
        clickhouse["host"], clickhouse["port"], user=clickhouse["user"], password=clickhouse["password"]
    )
    empty_stores(postgres_dsn, warehouse)
    warehouse.disconnect()
    return stack
