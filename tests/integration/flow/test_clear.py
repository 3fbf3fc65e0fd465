"""Clearing any past pull or load, twice, after the shop stands still: business columns do not move."""

from __future__ import annotations

from typing import Any

import pytest

from jst.flow.live.load_shift import LoadShift
from jst.flow.live.shift import Limits
from tests.support.against_the_source import assert_equal_to_the_source, drain
from tests.support.house import House

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
NOT_BUSINESS = "fetched_at, version"


def business(house: House) -> list[tuple[Any, ...]]:
    return house.rows(f"SELECT * EXCEPT ({NOT_BUSINESS}) FROM dws.dws_sale_out FINAL ORDER BY io_id, line_id")


def load(house: House, run_id: str) -> None:
    LoadShift(house.loader(), house.holds, house.clock, run_id).run(lambda: False, ask_every=0)


def test_past_pulls_and_loads_can_be_cleared_twice(house: House) -> None:
    house.sandbox.post("orders_per_hour", {"value": 50000})
    house.watch().reason_to_start()
    for run_id in ("run-1", "run-2"):
        house.shift(run_id=run_id).run(Limits(longest=5))
        load(house, run_id)
    drain(house)
    before = business(house)
    read, complete = (house.plans.watermarks.value("sale_out", kind) for kind in ("read", "complete"))
    for run_id in ("run-1", "run-1", "run-2", "run-2"):
        plans = len(house.plans.of_run("sale_out", "jst_sale_out", run_id))
        counts = house.shift(run_id=run_id).run(Limits())
        assert counts["plans"] == plans
        assert house.plans.watermarks.value("sale_out", "complete") == complete
        load(house, run_id)
        load(house, run_id)
        assert business(house) == before
    assert house.plans.watermarks.value("sale_out", "read") == read
    assert_equal_to_the_source(house)
    assert len(before) > 100
