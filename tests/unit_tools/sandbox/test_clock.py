"""A clock that is moved forward moves everything that is told by it, and the shop lives through the seconds."""

from __future__ import annotations

import time
from collections import Counter
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from local.sandbox.clock import ShopClock
from local.sandbox.quota import Limit, Quota
from local.sandbox.store import Store
from local.sandbox.times import beijing
from tests.support.sandbox_driver import Driver, OpenDriver


def test_stamps_and_date_move_together(erp: Driver) -> None:
    before = erp.now
    assert erp.post("clock", seconds=3.5) == {"time": beijing(before + 3.5)}
    erp.post("put", module="sale_out", row={"io_id": "A"})
    (row,) = [row for row in erp.truth() if row["io_id"] == "A"]
    assert row["modified"] == beijing(before + 3.5)
    answer = erp.send("GET", "/sandbox/health")
    assert answer.json()["time"] == row["modified"]
    assert int(parsedate_to_datetime(answer.headers["Date"]).timestamp()) == int(before + 3.5)


def test_the_shop_lives_through_the_seconds_it_is_moved_by(erp: Driver) -> None:
    before = erp.now
    erp.post("orders_per_hour", value=7200)
    erp.post("clock", seconds=60)
    born = Counter(row["created"] for row in erp.truth())
    assert sum(born.values()) == 120
    assert set(born) == {beijing(before + second) for second in range(1, 61)}


def test_a_frozen_shop_stands_still_whatever_the_time(busy: Driver) -> None:
    busy.post("freeze")
    before = busy.truth()
    busy.post("clock", seconds=600)
    assert busy.truth() == before


def test_late_commits_land_when_their_time_has_come(erp: Driver) -> None:
    erp.post("orders_per_hour", value=0)
    erp.fault(commit_lag={"share": 1, "seconds": 22})
    erp.post("put", module="sale_out", row={"io_id": "late"})
    erp.post("clock", seconds=21)
    assert erp.truth() == []
    erp.post("clock", seconds=1)
    assert [row["io_id"] for row in erp.truth()] == ["late"]


def test_a_token_expires_by_the_moved_clock(erp: Driver) -> None:
    erp.post("orders_per_hour", value=0)
    token = erp.token()
    assert erp.ask(token=token).status_code == 200
    erp.post("clock", seconds=700)
    assert erp.ask(token=token).json()["code"] == 40102


def test_an_access_token_expires_by_the_moved_clock(open_erp: OpenDriver) -> None:
    open_erp.post("orders_per_hour", value=0)
    assert open_erp.wish(start_ts=1)["code"] == 0
    open_erp.post("clock", seconds=OpenDriver.token_seconds)
    assert open_erp.wish(start_ts=1)["code"] == 100


@pytest.mark.parametrize("seconds", [-1, 86_401, "5", None, True])
def test_a_move_that_is_none_is_refused(erp: Driver, seconds: object) -> None:
    before = erp.now
    answer = erp.send("POST", "/sandbox/clock", json={"seconds": seconds})
    assert (answer.status_code, answer.json()["error"]) == (400, "seconds 必须是 0 到 86400 的数")
    assert erp.now == before


def test_it_is_the_machines_clock_until_it_is_moved_and_stays_moved_over_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path, "gateway")
    clock = ShopClock(store)
    assert clock.moved == 0
    assert clock.time() == pytest.approx(time.time(), abs=1)
    clock.move(3.5)
    clock.move(0.25)
    assert clock.time() == pytest.approx(time.time() + 3.75, abs=1)
    store.close()
    again = Store(tmp_path, "gateway")
    assert ShopClock(again).moved == 3.75
    again.close()


def test_a_quota_is_free_again_when_its_span_was_skipped(tmp_path: Path) -> None:
    store = Store(tmp_path, "gateway")
    clock = ShopClock(store)
    quota, limit = Quota(clock.monotonic), Limit(1, 60.0)
    assert quota.take("sale_out", [limit]) is None
    assert quota.take("sale_out", [limit]) == limit
    clock.move(60)
    assert quota.take("sale_out", [limit]) is None
    store.close()
