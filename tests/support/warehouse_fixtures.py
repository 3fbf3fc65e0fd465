"""A migrated ClickHouse whose tables are empty before each test, with two shops in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clickhouse_driver import Client

from jst.warehouse.clickhouse_migrations import migrate
from tests.support.warehouse import Warehouse


@pytest.fixture(scope="session")
def client(clickhouse: dict[str, str | int]) -> Iterator[Client]:
    client = Client(clickhouse["host"], clickhouse["port"], user=clickhouse["user"], password=clickhouse["password"])
    migrate(client)
    yield client
    client.disconnect()


@pytest.fixture
def warehouse(client: Client) -> Warehouse:
    warehouse = Warehouse(client)
    warehouse.empty()
    return warehouse
