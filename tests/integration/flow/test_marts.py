"""From a load to the marts: what is marked, refreshed and found again when a process dies in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jst.control.mart_days import MartDays
from jst.errors import Retry
from jst.flow.live.shift import Limits
from jst.flow.mart_refresh import MartRefresh
from jst.warehouse.mart_tables import days_that_differ, mart_names
from jst.warehouse.widen_tables import widen
from tests.support.house import House
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.kafka, pytest.mark.clickhouse, pytest.mark.postgres]


@pytest.fixture
def refresher(house: House) -> MartRefresh:
    return house.mart_refresh()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A shop with a past of a day that stands still."""
    past = ("--history-days", "1", "--history-per-hour", "20")
    sandbox = Sandbox(tmp_path / "erp", "--skus", "200", "--orders-per-hour", "0", *past)
    yield sandbox
    sandbox.close()


@pytest.fixture(params=["small", "large"])
def load_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small load looks for old rows of every order; a large one asks first which orders are there."""
    if request.param == "large":
        monkeypatch.setattr("jst.flow.load.WORTH_ASKING", 1)


@pytest.fixture
def shop(house: House) -> House:
    """Its past is loaded."""
    for module in ("sale_out", "after_sale"):
        house.first_load(module)
    return house


def move(house: House) -> set[date]:
    """A shipped order says now that it was shipped on another day, and that was pulled; returns both days."""
    order = next(row for row in house.sandbox.truth("sale_out") if row["status"] == "Confirmed" and row["io_date"])
    moved = order | {"io_date": "2026-01-05 10:00:00"}
    house.sandbox.post("put", {"module": "sale_out", "row": moved})
    house.sandbox.post("touch", {"module": "sale_out", "keys": [order["io_id"]]})
    house.shift().run(Limits(longest=5))
    return {date.fromisoformat(order["io_date"][:10]), date(2026, 1, 5)}


def load(house: House) -> None:
    while house.loader().load_waiting():
        pass


def settle(refresher: MartRefresh) -> dict[date, int]:
    """Rounds until nothing waits; rows written by day."""
    written: dict[date, int] = {}
    while found := refresher.round():
        for day, rows in found.items():
            written[day] = written.get(day, 0) + rows
    return written


@pytest.mark.usefixtures("load_size")
def test_what_a_load_touched_reaches_the_marts_and_then_all_is_quiet(shop: House, refresher: MartRefresh) -> None:
    assert shop.rows("SELECT count() FROM dws.dws_shop_hour") == [(0,)]
    written = settle(refresher)
    assert written
    assert all(written.values())
    assert days_that_differ(shop.warehouse) == []
    assert refresher.round() == {}
    both = move(shop)
    load(shop)
    assert set(days_that_differ(shop.warehouse)) == both
    assert both <= set(settle(refresher))
    assert days_that_differ(shop.warehouse) == []


@pytest.mark.usefixtures("load_size")
def test_a_load_killed_after_widen_and_before_its_mark_leaves_no_day_behind(
    shop: House, refresher: MartRefresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(refresher)
    both = move(shop)

    def killed(*_: Any) -> None:
        raise Retry("killed", do="")

    with monkeypatch.context() as patch:
        patch.setattr(MartDays, "mark_after_load", killed)
        with pytest.raises(Retry, match="killed"):
            shop.loader().load_waiting()
    settle(refresher)  # the row has moved, and only the day it left was marked
    load(shop)
    assert both <= set(settle(refresher))
    assert days_that_differ(shop.warehouse) == []


def test_who_lost_the_lock_takes_no_marks_away_from_who_holds_it(
    shop: House, refresher: MartRefresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(refresher)
    both = move(shop)

    def losing(*args: Any, **options: Any) -> int:
        lines = widen(*args, **options)
        shop.database.rows("UPDATE fence SET number = number + 1, holder_rule = 2 WHERE module = 'sale_out'")
        return lines

    with monkeypatch.context() as patch:
        patch.setattr("jst.flow.load.widen", losing)
        with pytest.raises(Retry, match="装载锁"):
            shop.loader().load_waiting()
    assert shop.database.rows("SELECT 1 FROM mart_day WHERE loading")
    load(shop)
    assert not shop.database.rows("SELECT 1 FROM mart_day WHERE loading")
    assert both <= set(settle(refresher))
    assert days_that_differ(shop.warehouse) == []


def test_an_old_day_has_its_turn_while_newer_ones_are_touched_all_the_time(
    shop: House, refresher: MartRefresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(refresher)
    monkeypatch.setattr("jst.flow.mart_refresh.ROUND_SECONDS", 0.0)  # a machine so busy that a day takes all the time
    old, newer = date(2025, 11, 5), [date(2025, 11, day) for day in (20, 21, 22)]
    shop.plans.marts.mark_days([old])
    shop.plans.marts.mark_days(newer)
    assert list(refresher.round()) == [newer[-1], old]
    shop.plans.marts.mark_days(newer)
    assert list(refresher.round()) == [newer[-1], newer[0]]  # both others wait since the same moment


def test_days_nobody_marked_are_found_within_the_hour(shop: House, refresher: MartRefresh) -> None:
    settle(refresher)
    for mart in mart_names():
        shop.warehouse.execute(f"TRUNCATE TABLE dws.{mart}")
    assert refresher.round() == {}
    shop.database.rows("UPDATE mart_search SET searched_at = searched_at - interval '1 hour'")
    assert settle(refresher)
    assert days_that_differ(shop.warehouse) == []


def test_a_day_counts_as_done_when_all_its_marts_are_written(
    shop: House, refresher: MartRefresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of three statements fails: the day comes again, and nothing is counted twice."""
    real, calls = shop.warehouse.execute, list[str]()

    def failing(sql: str, *args: Any, **options: Any) -> Any:
        if "INSERT INTO dws.dws_shop_" in sql:
            calls.append(sql)
            if len(calls) == 2:
                raise EOFError
        return real(sql, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(shop.warehouse, "execute", failing)
        with pytest.raises(Retry, match="连不上"):
            refresher.round()
    assert settle(refresher)
    assert days_that_differ(shop.warehouse) == []
