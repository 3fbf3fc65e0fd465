"""Every module through the whole path in both dialects: first load, live, dimensions, then compared row by row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jst.control.certificate_log import CertificateLog
from jst.flow.backfill.business_day import Slice
from jst.flow.backfill.slice_pull import SlicePull
from jst.model.module import module_names
from jst.model.window import Window
from jst.workbook.shops import read_workbook, store_shops
from local.layout import SANDBOX_WORKBOOK
from local.verify.addresses import Addresses
from local.verify.run import Verification
from tests.support.dialects import house_in, load_all, read_all
from tests.support.house import House
from tests.support.search_depth import DEPTH
from tests.support.stores import Stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.fixture(params=["gateway", "openapi"])
def house(request: pytest.FixtureRequest, stores: Stores, tmp_path: Path) -> Iterator[House]:
    """On a small shop with a past that speaks the dialect."""
    past = ("--history-days", "1", "--history-per-hour", "10")
    with house_in(request.param, stores, tmp_path / "erp", "--skus", "150", *past) as house:
        store_shops(house.warehouse, read_workbook(SANDBOX_WORKBOOK))
        yield house


@pytest.fixture
def verification(house: House, clickhouse: dict[str, Any]) -> Iterator[Verification]:
    url = f"http://{clickhouse['host']}:{clickhouse['http_port']}"
    addresses = Addresses(house.sandbox.url, url, clickhouse["user"], clickhouse["password"], house.dsn)
    verification = Verification(addresses, print)
    yield verification
    verification.close()


def assert_equal_to_the_source(verification: Verification) -> None:
    found = verification.run(freeze=False, wait=10)
    assert [str(difference) for findings in found for difference in findings.first] == []
    assert {findings.table for findings in found if findings.records} >= {
        "dws.dws_sale_out", "dws.dws_inventory", "dws.dws_after_sale", "dim.dim_sku"
    }  # fmt: skip


@pytest.mark.parametrize("house", DEPTH.first("openapi", "gateway"), indirect=True)
def test_all_tables_are_equal_to_the_frozen_shop(house: House, verification: Verification) -> None:
    read_all(house)
    house.sandbox.post("orders_per_hour", {"value": 50_000})
    for _ in range(3):
        house.skip(2)
        read_all(house)
        load_all(house)
    for module in module_names():
        house.first_load(module)
    house.freeze()
    read_all(house)
    load_all(house)
    assert_equal_to_the_source(verification)


def test_late_commits_are_caught(house: House, verification: Verification) -> None:
    """A ts (and a modified) is given at write and seen at commit: what commits late must not be lost."""
    read_all(house)
    house.sandbox.faults(commit_lag={"share": 0.3, "seconds": 3})
    house.sandbox.post("orders_per_hour", {"value": 50_000})
    for _ in range(6):
        house.skip(1.5)
        for module in ("sale_out", "after_sale", "inventory"):
            house.worker(module).catch_up()
    house.sandbox.faults()
    for module in module_names():
        house.first_load(module)
    house.freeze()
    read_all(house)
    load_all(house)
    assert_equal_to_the_source(verification)


@pytest.mark.parametrize("house", DEPTH.first("openapi", "gateway"), indirect=True)
def test_a_sweep_finds_what_does_not_move_modified(house: House, verification: Verification) -> None:
    for module in module_names():
        house.first_load(module)
    house.sandbox.faults(silent_stock={"share": 1})
    house.sandbox.post("orders_per_hour", {"value": 50_000})
    house.skip(3)
    house.freeze()
    read_all(house)
    load_all(house)
    certificates, part = CertificateLog(house.database), Slice("inventory", "库存", "全部主键")
    sweep = SlicePull(part, house.plans, certificates, house.warehouse, "jst_backfill", "tonight")
    assert sweep.run(house.worker("inventory", "tonight"), certificates.now())["plans"] == 1
    load_all(house)
    assert_equal_to_the_source(verification)


@pytest.mark.parametrize("house", ["openapi"], indirect=True)
def test_a_row_from_the_future_does_not_stop_the_cursor(house: House) -> None:
    house.sandbox.post("orders_per_hour", {"value": 0})
    house.worker("sale_out").catch_up()
    row = {"io_id": 1, "o_id": 1, "modified": "2099-01-01 00:00:00", "items": []}
    house.sandbox.post("put", {"module": "sale_out", "row": row})
    keys = [str(order["io_id"]) for order in house.sandbox.truth("sale_out") if order["io_id"] != 1][:120]
    house.sandbox.post("touch", {"module": "sale_out", "keys": keys})
    house.skip(3.5)
    house.worker("sale_out", "run-2").catch_up()
    while house.loader("sale_out").load_waiting():
        pass
    assert len(keys) == 120
    assert {key for (key,) in house.rows("SELECT io_id FROM dwd.dwd_sale_out FINAL")} >= set(keys)


def test_a_look_that_ends_before_the_newest_change_shows_it_all_the_same(house: House) -> None:
    """A bestseller's stock is always newer than where a window ends, or a calm look along the cursor."""
    house.watch("inventory").reason_to_start()
    puller = house.puller("inventory")
    feed = house.worker("inventory", puller=puller).feed
    keys = [row["sku_id"] for row in house.sandbox.truth("inventory")]
    house.sandbox.post("freeze")
    house.sandbox.post("touch", {"module": "inventory", "keys": keys[:120]})  # more than a page
    house.sandbox.post("touch", {"module": "inventory", "keys": [keys[130]]})
    end = feed.live_end(calm=feed.by_cursor)
    cursor = house.plans.watermarks.cursor("inventory") if feed.by_cursor else None
    window = Window(end - timedelta(seconds=1), end)
    plan = house.plans.add("inventory", "live", "jst_inventory", "run-1", window, window.start, cursor=cursor)
    assert puller.pull(plan) is not None
    house.loader("inventory").load_waiting()
    ((newest,),) = [(row["modified"],) for row in house.sandbox.truth("inventory") if row["sku_id"] == keys[130]]
    shown = house.rows(f"SELECT toString(modified) FROM dws.dws_inventory FINAL WHERE sku_id = '{keys[130]}'")
    assert shown == [(newest,)]
