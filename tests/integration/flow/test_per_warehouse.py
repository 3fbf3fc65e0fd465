"""Stock of each warehouse alone, along the whole path: read, loaded, proven, compared; a warehouse that is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.control.certificate_log import CertificateLog
from jst.erp.dialect import Page
from jst.errors import Misconfigured, Retry
from jst.flow.backfill.business_day import Slice
from jst.flow.live.shift import Limits
from jst.flow.warehouses import Warehouses
from jst.model.window import Window
from tests.support.branch_stock import assert_equal_to_the_source, begin, follow, kinds, load, put, stock
from tests.support.dialects import WINDOWS_ONLY, house_in
from tests.support.house import House
from tests.support.letter_redrive import run as redrive
from tests.support.live_beside import ago
from tests.support.search_depth import DEPTH
from tests.support.stores import Stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
TODAY = datetime.now(SHANGHAI).date()
BRANCHES = (11001, 11002, 11003)
BY_CURSOR = pytest.mark.parametrize("house", DEPTH.first("openapi", "gateway"), indirect=True)


@pytest.fixture(params=DEPTH.first("gateway", "openapi"))
def house(request: pytest.FixtureRequest, stores: Stores, tmp_path: Path) -> Iterator[House]:
    """On a small shop that does nothing by itself, read warehouse by warehouse."""
    options = ("--skus", "60", "--orders-per-hour", "0")
    with house_in(request.param, stores, tmp_path / "erp", *options, stock="per_warehouse") as house:
        yield house


@BY_CURSOR
def test_a_sku_in_two_warehouses_has_two_rows_and_follows_the_shop(house: House, clickhouse: dict[str, Any]) -> None:
    put(house, "TWO", 11001, 7, ago(house, minutes=30), min_qty=5)
    put(house, "TWO", 11002, -3, ago(house, minutes=20), min_qty=1)
    begin(house)
    assert stock(house, "TWO") == {11001: 7, 11002: -3}
    assert house.plans.next_planned("inventory", "gap") is None, "the first load has all of them already"
    watch = house.watch("inventory")
    watch.reason_to_start()
    put(house, "TWO", 11002, 4)
    house.sandbox.post("orders_per_hour", {"value": 36_000})
    house.skip(4)
    assert "变更" in watch.reason_to_start()
    house.shift("inventory").run(Limits(longest=12, quiet=30))
    load(house)
    assert stock(house, "TWO") == {11001: 7, 11002: 4}
    house.freeze()
    follow(house, "frozen")
    assert_equal_to_the_source(house, clickhouse)
    assert kinds(house) == {"per_warehouse"}
    keys = house.rows("SELECT key FROM ods.inventory WHERE key LIKE 'TWO%'")
    assert {key for (key,) in keys} == {"TWO@11001", "TWO@11002"}
    assert house.database.rows("SELECT count(*) FROM plan WHERE module = 'inventory' AND proven_at IS NULL") == [(0,)]


def test_the_night_asks_every_sku_of_every_warehouse_and_certifies_it(house: House) -> None:
    begin(house)
    ((sku_id, branch),) = house.rows(
        "SELECT sku_id, max(wms_co_id) FROM dws.dws_inventory FINAL GROUP BY sku_id HAVING count() = 2 LIMIT 1"
    )
    where = f"sku_id = '{sku_id}' AND wms_co_id = {branch}"
    house.warehouse.execute(f"DELETE FROM dwd.dwd_inventory WHERE {where}")
    house.warehouse.execute(f"DELETE FROM dws.dws_inventory WHERE {where}")
    certificates, part = CertificateLog(house.database), Slice("inventory", "库存", "全部主键")
    began = certificates.now()
    pull = house.slice_pull(part, "jst_backfill", "tonight")
    pull.run(house.worker("inventory", "tonight"), began)
    check = house.day_check("inventory", TODAY - timedelta(days=1), [part], "jst_backfill", "tonight")
    certificate = check.run()
    assert branch in stock(house, sku_id)
    assert (certificate.state, certificate.reasons) == ("proven", ())
    ((rows,),) = house.rows("SELECT count() FROM dws.dws_inventory FINAL")
    assert certificate.keys == rows
    assert certificate.source_amount == certificate.our_amount


@pytest.mark.parametrize("house", ["gateway", "gateway" + WINDOWS_ONLY], indirect=True)
def test_a_record_that_cannot_be_read_is_a_letter_of_its_warehouse_and_is_read_again(house: House) -> None:
    begin(house)
    put(house, "BAD", 11001, 1)
    at = ago(house)
    put(house, "BAD", 11002, "?", at)  # type: ignore[arg-type]
    follow(house)
    letters = house.database.rows("SELECT key FROM letter WHERE state = 'open'")
    assert letters == [("BAD@11002",)]
    assert stock(house, "BAD") == {11001: 1}
    put(house, "BAD", 11002, 2, at)
    for night in ("1", "2"):  # a source that answers no key shows it first, and is read by window then
        redrive(house, night)
        house.database.rows("UPDATE letter SET tried_at = tried_at - interval '1 day'")
    assert stock(house, "BAD") == {11001: 1, 11002: 2}
    assert house.database.rows("SELECT count(*) FROM letter WHERE state <> 'redriven'") == [(0,)]


def test_reconciliation_finds_a_late_row_of_one_warehouse(house: House) -> None:
    begin(house)
    for _ in range(2):
        house.reconcile("inventory").run()
    past = ago(house, minutes=7)
    put(house, "LATE", 11003, 9, past)
    house.database.rows("UPDATE cursor_trail SET seen_at = seen_at - interval '10 minutes'")
    if house.settings.dialect == "gateway":
        house.reconcile("inventory", "round-2").run()
        assert stock(house, "LATE") == {11003: 9}


@pytest.mark.parametrize("house", ["openapi"], indirect=True)
def test_a_source_that_numbers_each_warehouse_by_itself_is_late_and_loses_nothing(
    house: House, clickhouse: dict[str, Any]
) -> None:
    """The cursor is one for all warehouses (decision 0063): what lies below it is found by time."""
    house.sandbox.faults(ts_by_warehouse={})
    begin(house)
    for _ in range(3):  # the cursor leaves what is ten seconds old behind
        house.skip(15)
        house.worker("inventory", "live").catch_up()
    put(house, "OWN", 11001, 3)
    put(house, "OWN", 11003, 4)
    house.skip(4)
    house.worker("inventory", "live").catch_up()
    load(house)
    assert stock(house, "OWN") == {}, "below the cursor: 11005 has the highest numbers"
    house.skip(60)
    house.worker("inventory", "live").catch_up()
    load(house)
    tally = house.reconcile("inventory").run()
    assert (tally.differences, tally.healed) == (2, 2)
    assert stock(house, "OWN") == {11001: 3, 11003: 4}
    assert_equal_to_the_source(house, clickhouse)
    assert house.reconcile("inventory", "round-2").run().differences == 0


@BY_CURSOR
def test_a_new_warehouse_is_asked_from_its_first_appearance_on(house: House, clickhouse: dict[str, Any]) -> None:
    begin(house)
    put(house, "NEW", 11009, 5, ago(house, minutes=40))
    follow(house)
    assert stock(house, "NEW") == {}
    house.sandbox.post(
        "put", {"module": "warehouse", "row": {"wms_co_id": 11009, "name": "成都分仓", "is_main": False}}
    )
    house.database.rows("UPDATE stock_kind SET listed_at = listed_at - interval '6 minutes'")
    put(house, "NEW", 11001, 1)
    house.skip(4)
    house.worker("inventory", "next").catch_up()
    house.skip(4)
    house.worker("inventory", "next").catch_up()
    load(house)
    assert stock(house, "NEW")[11001] == 1
    ((since, reason),) = house.database.rows(
        "SELECT value, reason FROM watermark WHERE module = 'inventory' AND kind = 'complete'"
    )
    assert since.astimezone(SHANGHAI).date() == TODAY
    assert "planned" in reason, "the day is not complete before its stock is here"
    follow(house, "after")
    assert stock(house, "NEW") == {11001: 1, 11009: 5}
    put(house, "NEW", 11009, 6)
    follow(house, "live again")
    assert stock(house, "NEW") == {11001: 1, 11009: 6}
    assert_equal_to_the_source(house, clickhouse)


def test_a_source_that_answers_of_another_warehouse_is_not_read(house: House) -> None:
    begin(house)
    client, window = house.client, Window(ago(house, days=6), ago(house))
    client._dialect = Echo(client._dialect)
    with pytest.raises(Misconfigured, match="问的是仓库 11001 的库存，答的是仓库 11002 的"):
        client.page(house.client.as_read(house.module("inventory")), window, 1, origin="live", branch=11001)


class Echo:
    """A dialect whose source answers of warehouse 11002 whatever was asked for."""

    def __init__(self, dialect: Any) -> None:
        self._dialect = dialect

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dialect, name)

    def page(self, module: Any, question: Any, answer: Any) -> Any:
        page = self._dialect.page(module, question, answer)
        return replace(page, rows=tuple({**row, "wms_co_id": 11002} for row in page.rows))


class Listing:
    """A client whose source lists ``rows`` as its warehouses."""

    dialect = "gateway"

    def __init__(self, *rows: Any) -> None:
        self.rows = rows

    def listing(self, *_: Any, **__: Any) -> Page:
        return Page(1, self.rows, None, False, None, "", 1, 1)


def test_a_list_without_a_warehouse_takes_none_away_and_calls_nothing_read(house: House) -> None:
    module, listing = house.client.as_read(house.module("inventory")), Listing({"name": "没有编号"}, "garbled")
    warehouses = Warehouses(module, listing, house.plans.stock_kinds, house.clock)  # type: ignore[arg-type]
    with pytest.raises(Retry, match="没有列出任何仓库"):
        warehouses.asked()
    listing.rows = ({"wms_co_id": "11001"}, {"wms_co_id": 11002}, {"wms_co_id": 0})
    assert warehouses.asked() == (11001, 11002)
    house.database.rows("UPDATE stock_kind SET listed_at = listed_at - interval '6 minutes'")
    listing.rows = ()
    assert warehouses.asked() == (11001, 11002)
