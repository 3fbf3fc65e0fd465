"""A migrated ClickHouse for the metrics."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clickhouse_driver import Client

from jst.warehouse.migrate import migrate


@pytest.fixture(scope="session")
def client(clickhouse: dict[str, str | int]) -> Iterator[Client]:
    client = Client(clickhouse["host"], clickhouse["port"], user=clickhouse["user"], password=clickhouse["password"])
    migrate(client)
    yield client
    client.disconnect()
