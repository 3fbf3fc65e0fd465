"""A living shop through pull, Kafka and load, on real servers."""

from __future__ import annotations

import threading

import pytest

from jst.flow.live.load_shift import LoadShift
from jst.flow.live.shift import Limits
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
