"""Fixtures of the whole path without Airflow: sandbox ERP → Kafka → ClickHouse, all real processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clickhouse_driver
import pytest

from jst.control.database import Database
from jst.control.postgres_migrations import migrate as migrate_control
from jst.kafka.topics import create_topics
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse
from tests.support.house import House
from tests.support.sandbox import Sandbox
from tests.support.stores import Stores, empty_stores


@pytest.fixture(scope="session")
def schema(postgres_dsn: str, kafka_bootstrap: str, clickhouse: dict[str, Any]) -> None:
    """All three stores with their tables and topics."""
    with Database(postgres_dsn) as database:
        migrate_control(database)
    create_topics({"bootstrap.servers": kafka_bootstrap})
    client = clickhouse_driver.Client(
        clickhouse["host"], clickhouse["port"], user=clickhouse["user"], password=clickhouse["password"]
    )
    migrate_warehouse(client)
    client.disconnect()


@pytest.fixture(scope="session")
def stores(schema: None, postgres_dsn: str, kafka_bootstrap: str, clickhouse: dict[str, Any]) -> Stores:
    """All three, with their tables and topics."""
    return Stores(postgres_dsn, kafka_bootstrap, clickhouse)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A small living shop."""
    sandbox = Sandbox(tmp_path / "erp", "--skus", "200")
    yield sandbox
    sandbox.close()


@pytest.fixture
def house(stores: Stores, sandbox: Sandbox) -> Iterator[House]:
    house = House(*stores, sandbox)
    empty_stores(stores.dsn, house.warehouse)
    yield house
    house.close()
