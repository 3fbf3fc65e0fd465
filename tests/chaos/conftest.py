from __future__ import annotations

from typing import Any

import clickhouse_driver
import pytest

from local.instance import Instance
from tests.integration.conftest import _empty, schema

__all__ = ["schema"]


@pytest.fixture
def servers(stack: Instance, schema: None, postgres_dsn: str, clickhouse: dict[str, Any]) -> Instance:
    """The test run's servers with empty tables."""
    warehouse = clickhouse_driver.Client(
        clickhouse["host"], clickhouse["port"], user=clickhouse["user"], password=clickhouse["password"]
    )
    _empty(postgres_dsn, warehouse)
    warehouse.disconnect()
    return stack
