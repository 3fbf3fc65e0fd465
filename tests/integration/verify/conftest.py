"""A wide table filled by the whole path from a shop that then stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jst.flow.shift import Limits
from jst.spec import INCLUDE
from jst.warehouse.shops import read_workbook, store_shops
from local.verify.addresses import Addresses
from local.verify.run import Verification
from tests.integration.conftest import House, Sandbox, _empty

ODD_ORDERS: list[dict[str, Any]] = [
    {"io_id": "X1-no-lines", "pay_amount": "12.35", "paid_amount": 12.35, "freight": 8, "items": []},
    {"io_id": "X2-gifts", "paid_amount": 10, "items": [{"ioi_id": n, "qty": 1, "price": 0} for n in (1, 2, 3)]},
    {"io_id": "X3-returned", "paid_amount": -7.01, "items": [{"ioi_id": n, "qty": -1, "price": 3.5} for n in (1, 2)]},
    {"io_id": "X4-nothing-weighs", "pay_amount": 0.07, "items": [{"qty": 0, "price": 5}, {"qty": -2, "price": 1}]},
    {"io_id": "X5-no-amounts", "items": [{"qty": 2, "price": "9.995"}, {"qty": 1, "sale_price": 0.335}]},
    {"o_id": "X6-no-io-id", "freight": "1.00", "items": [{"qty": "1.5", "price": "7.77"}, {"qty": 1, "price": 1}]},
    {"io_id": "X7-old-rate", "io_date": "2025-12-31 23:59:59", "paid_amount": 99.99, "items": [{"qty": 1, "price": 9}]},
    {"io_id": "X8-new-rate", "io_date": "2026-01-01 00:00:00", "paid_amount": 99.99, "items": [{"qty": 1, "price": 9}]},
    {"io_id": "X9-odd-times", "created": "1999-01-01 00:00:00", "pay_date": "2026-02-03T04:05:06.789", "items": []},
    {"io_id": "Xa-unknown-shop", "shop_id": 999, "io_date": "2026-03-01", "paid_amount": 50, "items": []},
]


@pytest.fixture(scope="module")
def filled(
    schema: None,
    postgres_dsn: str,
    kafka_bootstrap: str,
    clickhouse: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """A few hundred orders of a frozen shop, read, loaded and widened; tests put back what they change."""
    sandbox = Sandbox(tmp_path_factory.mktemp("erp"), "--skus", "200", "--orders-per-hour", "0")
    house = House(postgres_dsn, kafka_bootstrap, clickhouse, sandbox)
    _empty(postgres_dsn, house.warehouse)
    _fill(house)
    yield house
    house.close()
    sandbox.close()


def _fill(house: House) -> None:
    store_shops(house.warehouse, read_workbook(INCLUDE / "config" / "shops.xlsx"))
    house.shift("sku").catch_up(Limits())
    assert house.watch().news() == ""
    house.sandbox.post("orders_per_hour", {"value": 100_000})
    house.shift(run_id="run-1").run(Limits(longest=8, quiet=30))
    for order in ODD_ORDERS:
        house.sandbox.post("put", {"module": "sale_out", "row": {"shop_id": 101, "status": "Confirmed", **order}})
    house.sandbox.post("freeze")
    house.shift(run_id="run-2").run(Limits(longest=30, quiet=4))
    for module in ("sku", "sale_out"):
        while house.loader(module).load_waiting():
            pass


@pytest.fixture(scope="session")
def addresses(clickhouse: dict[str, Any], postgres_dsn: str) -> Callable[[Sandbox], Addresses]:
    url = f"http://{clickhouse['host']}:{clickhouse['http_port']}"
    return lambda sandbox: Addresses(sandbox.url, url, clickhouse["user"], clickhouse["password"], postgres_dsn)


@pytest.fixture(scope="module")
def verification(filled: House, addresses: Callable[[Sandbox], Addresses]) -> Iterator[Verification]:
    verification = Verification(addresses(filled.sandbox), print)
    yield verification
    verification.close()
