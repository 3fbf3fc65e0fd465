"""A living shop through pull, Kafka and load, on real servers."""

from __future__ import annotations

import threading
from itertools import groupby, pairwise

import pytest

from jst.flow.live.load_shift import LoadShift
from jst.flow.live.shift import Limits
from tests.support.against_the_source import assert_equal_to_the_source, drain
from tests.support.clocks import Skipping
from tests.support.house import House

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


def one_shift(house: House, run_id: str, limits: Limits) -> None:
    """Pull and load side by side, as two tasks of one run do."""
    house.wait_really()
    other = house.beside()
    other.wait_really()
    pulling = threading.Thread(target=lambda: other.shift(run_id=run_id).run(limits))
    pulling.start()
    LoadShift(house.loader(), house.holds, house.clock, run_id).run(pulling.is_alive, ask_every=0.5)
    pulling.join()
    other.close()


def test_what_the_shop_did_is_what_the_wide_table_shows(house: House) -> None:
    house.sandbox.post("orders_per_hour", {"value": 50000})
    assert house.watch().reason_to_start() == ""
    house.skip(8)
    one_shift(house, "run-1", Limits(longest=4, quiet=30))
    house.freeze()
    one_shift(house, "run-2", Limits(longest=20, quiet=1))
    house.first_load()
    start = house.plans.watermarks.value("sale_out", "start")
    read, complete = (house.plans.watermarks.value("sale_out", kind) for kind in ("read", "complete"))
    assert start is not None
    assert read == complete
    truth = {
        (row["io_id"], row["status"], row["modified"], len(row["items"]) or 1)
        for row in house.sandbox.truth("sale_out")
        if row["modified"] > f"{start:%Y-%m-%d %H:%M:%S}"
    }
    shown = set(
        house.rows(
            """SELECT io_id, any(status), toString(any(modified)), toInt64(count())
               FROM dws.dws_sale_out FINAL GROUP BY io_id"""
        )
    )
    assert len(truth) > 100
    assert {str(row) for row in truth} <= {str(row) for row in shown}


def test_the_next_shift_reads_on_before_anybody_notices_that_one_has_ended(house: House) -> None:
    """It stands by while the one before still reads; no window is read by both at once, and none by neither."""
    house.sandbox.post("orders_per_hour", {"value": 50000})
    house.watch().reason_to_start()
    assert house.watch(run_id="run-1").role() == "lead"
    house.wait_really()
    other = house.beside()
    other.wait_really()
    ending = threading.Thread(target=lambda: other.shift(run_id="run-1").run(Limits(longest=30, relief=25)))
    ending.start()
    while (role := house.watch(run_id="run-2").role()) == "wait":
        house.clock.sleep(0.2)
    assert role == "relieve"
    house.shift(run_id="run-2").run(Limits(longest=4))
    ending.join()
    other.close()
    looks = house.database.rows(
        """SELECT run_id, started_at, finished_at FROM plan JOIN receipt USING (plan_id, attempt)
           WHERE origin = 'live' ORDER BY started_at"""
    )
    assert [run for run, _ in groupby(run_id for run_id, *_ in looks)] == ["run-1", "run-2"]
    assert all(before[2] <= after[1] for before, after in pairwise(looks))
    relieved = house.holds.shift_ended("sale_out", "run-1")
    first = next(started for run_id, started, _ in looks if run_id == "run-2")
    assert relieved is not None
    assert abs((first - relieved).total_seconds()) < 2
    house.wait_really(really=False)
    drain(house)
    assert_equal_to_the_source(house)


def test_a_record_that_never_rests_is_shown_all_the_same(house: House) -> None:
    """It moves on before the second of its change is closed, so it is in no closed window: a bestseller's stock."""
    house.sandbox.post("orders_per_hour", {"value": 0})
    key = house.sandbox.truth("inventory")[0]["sku_id"]
    house.watch("inventory").reason_to_start()
    begun = house.clock.now()

    def skip(seconds: float) -> None:
        while seconds > 0:
            house.skip(min(seconds, 0.7))
            house.sandbox.post("touch", {"module": "inventory", "keys": [key]})
            seconds -= 0.7

    house.use_clock(Skipping(lambda: house.sandbox.moved, skip))
    house.shift("inventory").run(Limits(longest=15, quiet=30))
    house.loader("inventory").load_waiting()
    shown = house.rows(f"SELECT max(modified) FROM dws.dws_inventory FINAL WHERE sku_id = '{key}'")[0][0]
    assert shown is not None
    assert (shown - begun).total_seconds() > 5
