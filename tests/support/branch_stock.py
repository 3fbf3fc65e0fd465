"""Stock of each warehouse alone in a house: planting it, reading it, and what the tables have of it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from jst.model.window import source_text
from jst.model.words import StockKind
from jst.wiring import Parts
from local.verify.addresses import Addresses
from local.verify.run import Verification
from tests.support.house import House


def put(house: House, sku_id: str, wms_co_id: int, qty: int, modified: datetime | None = None, **fields: Any) -> None:
    at = {"modified": source_text(modified)} if modified else {}
    row = {"sku_id": sku_id, "wms_co_id": wms_co_id, "qty": qty, "order_lock": 0, **at, **fields}
    house.sandbox.post("put", {"module": "branch_stock", "row": row})


def load(house: Parts) -> None:
    while house.loader("inventory").load_waiting():
        pass


def read(house: House, run_id: str = "live") -> None:
    """Live: read up to the source's present, and what was skipped too."""
    house.skip(4)
    worker = house.worker("inventory", run_id)
    worker.catch_up()
    house.database.rows("UPDATE plan SET not_before = NULL")
    house.skip(70)  # what a new warehouse has is read a minute later
    worker.pull_while(lambda: house.plans.next_planned("inventory", "gap"))


def follow(house: House, run_id: str = "live") -> None:
    """Live: the same, and load it."""
    read(house, run_id)
    load(house)
    load(house)


def begin(house: House) -> None:
    house.worker("inventory", "begin").catch_up()
    house.first_load("inventory")
    load(house)


def stock(house: House, sku_id: str) -> dict[int, Decimal]:
    rows = house.rows(f"SELECT wms_co_id, qty FROM dws.dws_inventory FINAL WHERE sku_id = '{sku_id}'")
    return dict(rows)


def kinds(house: House) -> set[str]:
    rows = house.rows("SELECT DISTINCT if(wms_co_id = 0, 'total', 'per_warehouse') FROM dws.dws_inventory FINAL")
    return {kind for (kind,) in rows}


def as_kind(house: House, kind: StockKind) -> House:
    """Return the house of a process that starts after the connection's extra.stock was changed."""
    other = house.beside()
    other.settings = replace(house.settings, stock=kind)
    return other


def assert_equal_to_the_source(house: House, clickhouse: dict[str, Any]) -> None:
    url = f"http://{clickhouse['host']}:{clickhouse['http_port']}"
    addresses = Addresses(house.sandbox.url, url, clickhouse["user"], clickhouse["password"], house.dsn)
    with closing(Verification(addresses, print)) as verification:
        found = verification.compare("inventory")
    assert [str(difference) for difference in found.first] == []
    assert found.records > 50
