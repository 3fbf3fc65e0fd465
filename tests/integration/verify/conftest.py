"""A wide table filled by the whole path from a shop that then stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from jst.control.watermarks import Beginning
from jst.model.module import load_module, module_names
from jst.model.window import Window, floor_second
from jst.workbook.shops import read_workbook, store_shops
from local.layout import SANDBOX_WORKBOOK
from local.verify.addresses import Addresses
from local.verify.run import Verification
from tests.support.dialects import house_in
from tests.support.house import House
from tests.support.sandbox import Sandbox
from tests.support.stores import Stores

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


ODD_AFTER_SALES: list[dict[str, Any]] = [
    {"as_id": "X1-no-lines", "status": "Refund", "refund": "12.35", "confirm_date": None, "items": []},
    {"as_id": "X2-thirds", "status": "Received", "refund": 10, "items": [{"qty": 1, "price": 0} for _ in range(3)]},
    {"as_id": "X3-abnormal", "status": "Cancelled", "refund": 7, "items": [{"qty": -1}, {"qty": 2, "price": "3.5"}]},
    {"as_id": "X4-unknown", "status": "Frozen", "question_type": " 质量问题 ", "items": [{"qty": 1, "r_qty": "1"}]},
    {"as_id": "X5-no-times", "created": None, "status": "Refund", "confirm_date": "2026-02-03", "items": []},
    {"as_id": "X6-openapi", "status": "Confirmed", "shop_status": "SUCCESS", "confirm_date": None, "items": []},
    {"as_id": "X7-refused", "status": "WaitConfirm", "shop_status": "SELLER_REFUSE_BUYER", "items": []},
]
ODD_STOCK: list[dict[str, Any]] = [
    {"sku_id": "X1-nobody-knows", "i_id": "X", "qty": "2.5"},
    {"sku_id": "X2-nothing-given", "qty": None, "order_lock": ""},
    {"sku_id": "X3-oversold", "qty": -3, "order_lock": "4", "min_qty": 5},
]


@pytest.fixture(scope="module")
def dialect() -> str:
    return "gateway"


@pytest.fixture(scope="module")
def filled(dialect: str, stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A shop with a past and some hundred orders more, frozen, first-loaded and read live; tests put back what they
    change."""
    past = ("--skus", "200", "--orders-per-hour", "0", "--history-days", "1", "--history-per-hour", "50")
    with house_in(dialect, stores, tmp_path_factory.mktemp("erp"), *past) as house:
        _fill(house)
        yield house


def _fill(house: House) -> None:
    store_shops(house.warehouse, read_workbook(SANDBOX_WORKBOOK))
    at = floor_second(house.clock.now()) - timedelta(seconds=5)
    for module in module_names():
        spec = load_module(module)
        if spec.initial_days:  # as the product begins, but for the 150 weeks in which nothing was
            week, counts = Window(at - timedelta(days=6), at), spec.endpoint(house.settings.dialect).counts
            house.plans.watermarks.start_live(module, Beginning(at, week.start, 0, [week], by_cursor=not counts))
        house.initial(module).work_off("initial")
    house.sandbox.post("orders_per_hour", {"value": 100_000})
    house.skip(5)
    _read_all(house)
    for module, rows in (("sale_out", ODD_ORDERS), ("after_sale", ODD_AFTER_SALES), ("inventory", ODD_STOCK)):
        for row in rows:
            house.sandbox.post("put", {"module": module, "row": {**ORDINARY[module], **row}})
    house.freeze()
    _read_all(house)
    for module in sorted(module_names(), key=lambda name: name in ORDINARY):
        while house.loader(module).load_waiting():
            pass


ORDINARY: dict[str, dict[str, Any]] = {
    "sale_out": {"shop_id": 101, "status": "Confirmed"},
    "after_sale": {"shop_id": 101, "type": "普通退货", "created": "2026-02-01 09:30:00"},
    "inventory": {"name": "X"},
}


def _read_all(house: House) -> None:
    for module in module_names():
        house.worker(module).catch_up()


@pytest.fixture(scope="session")
def addresses(clickhouse: dict[str, Any], postgres_dsn: str) -> Callable[[Sandbox], Addresses]:
    url = f"http://{clickhouse['host']}:{clickhouse['http_port']}"
    return lambda sandbox: Addresses(sandbox.url, url, clickhouse["user"], clickhouse["password"], postgres_dsn)


@pytest.fixture(scope="module")
def verification(filled: House, addresses: Callable[[Sandbox], Addresses]) -> Iterator[Verification]:
    verification = Verification(addresses(filled.sandbox), print)
    yield verification
    verification.close()
