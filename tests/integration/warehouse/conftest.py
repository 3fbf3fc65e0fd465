"""A migrated ClickHouse whose tables are empty before each test, with two shops in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from clickhouse_driver import Client

from jst.warehouse.migrate import migrate
from jst.warehouse.shops import Fee, Shop, Shops, store_shops
from tests.integration.warehouse.loading import Warehouse

SHOPS = Shops(
    shops=(
        Shop(101, "S000101", "天猫旗舰店", "天猫", "zhang.wei", "浙江", True),
        Shop(102, "S000102", "京东旗舰店", "京东", "li.na", "北京", True),
    ),
    fees=(Fee(101, date(2025, 1, 1), Decimal("0.05")), Fee(101, date(2026, 3, 1), Decimal("0.06"))),
)


@pytest.fixture(scope="session")
def client(clickhouse: dict[str, str | int]) -> Iterator[Client]:
    client = Client(clickhouse["host"], clickhouse["port"], user=clickhouse["user"], password=clickhouse["password"])
    migrate(client)
    yield client
    client.disconnect()


@pytest.fixture
def warehouse(client: Client) -> Warehouse:
    tables = client.execute(
        "SELECT database || '.' || name FROM system.tables WHERE database IN ('ods', 'dwd', 'dws', 'dim')"
    )
    for (table,) in tables:
        client.execute(f"TRUNCATE TABLE {table}")
    store_shops(client, SHOPS)
    return Warehouse(client)
