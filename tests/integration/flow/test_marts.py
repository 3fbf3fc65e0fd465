"""From a load to the marts: what is marked, refreshed and found again when a process dies in between."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jst.control.lock import LoadLock
from jst.control.marts import Marts
from jst.errors import Retry
from jst.flow.marts import Refresher
from jst.flow.shift import Limits
from jst.warehouse.marts import days_that_differ, mart_names
from tests.integration.conftest import House

pytestmark = [pytest.mark.kafka, pytest.mark.clickhouse, pytest.mark.postgres]


@pytest.fixture
def refresher(house: House) -> Refresher:
    lock = LoadLock(house.database, house.clock)
    return Refresher(house.plans.marts, house.warehouse, lock, house.feeds, house.clock)


@pytest.fixture
def shop(house: House) -> House:
    """A few seconds of a living shop, loaded."""
    load(house, 4)
    return house


def load(house: House, seconds: float) -> None:
    for module in ("sale_out", "after_sale"):
        house.shift(module, run_id=f"run-{seconds}").run(Limits(longest=seconds))
        while house.loader(module).load_waiting():
            pass


def settle(refresher: Refresher) -> dict[date, int]:
    """Rounds until nothing waits; rows written by day."""
    written: dict[date, int] = {}
    while found := refresher.round():
        for day, rows in found.items():
            written[day] = written.get(day, 0) + rows
    return written


def test_what_a_load_touched_reaches_the_marts_and_then_all_is_quiet(shop: House, refresher: Refresher) -> None:
    assert shop.rows("SELECT count() FROM dws.dws_shop_hour") == [(0,)]
    written = settle(refresher)
    assert written
    assert all(written.values())
    assert days_that_differ(shop.warehouse) == []
    assert refresher.round() == {}
    load(shop, 3)
    assert days_that_differ(shop.warehouse) != []
    assert settle(refresher)
    assert days_that_differ(shop.warehouse) == []


def test_a_load_killed_after_widen_and_before_its_mark_leaves_no_day_behind(
    shop: House, refresher: Refresher, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(refresher)
    order = next(row for row in shop.sandbox.truth("sale_out") if row["status"] == "Confirmed" and row.get("io_date"))
    day = date.fromisoformat(order["io_date"][:10])

    def killed(*_: Any) -> None:
        raise Retry("killed", do="")

    # the row moves to another day, and its load dies when the row has moved
    moved = order | {"io_date": "2026-01-05 10:00:00"}
    shop.sandbox.post("put", {"module": "sale_out", "row": moved})
    shop.shift(run_id="run-move").run(Limits(longest=3))
    with monkeypatch.context() as patch:
        patch.setattr(Marts, "end", killed)
        with pytest.raises(Retry, match="killed"):
            shop.loader().load_waiting()
    settle(refresher)
    while shop.loader().load_waiting():
        pass
    written = settle(refresher)
    assert {day, date(2026, 1, 5)} <= set(written)
    assert days_that_differ(shop.warehouse) == []


def test_days_nobody_marked_are_found_within_the_hour(shop: House, refresher: Refresher) -> None:
    settle(refresher)
    for mart in mart_names():
        shop.warehouse.execute(f"TRUNCATE TABLE dws.{mart}")
    assert refresher.round() == {}
    shop.database.rows("UPDATE mart_search SET searched_at = searched_at - interval '1 hour'")
    assert settle(refresher)
    assert days_that_differ(shop.warehouse) == []


def test_a_day_counts_as_done_when_all_its_marts_are_written(
    shop: House, refresher: Refresher, monkeypatch: pytest.MonkeyPatch
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
