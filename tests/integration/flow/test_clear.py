"""Clearing any past pull or load, twice, after the shop stands still: business columns do not move."""

from __future__ import annotations

from typing import Any

import pytest

from jst.errors import Misconfigured
from jst.flow.live.load_shift import LoadShift
from jst.flow.live.shift import Limits
from jst.ledger.facts import read
from jst.ledger.finding import Finding
from jst.ledger.findings import findings, headline
from jst.model.module import module_names
from tests.support.against_the_source import assert_equal_to_the_source, drain
from tests.support.house import House

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
NOT_BUSINESS = "fetched_at, version"


def business(house: House) -> list[tuple[Any, ...]]:
    return house.rows(f"SELECT * EXCEPT ({NOT_BUSINESS}) FROM dws.dws_sale_out FINAL ORDER BY io_id, line_id")


def load(house: House, run_id: str) -> None:
    LoadShift(house.loader(), house.holds, house.clock, run_id).run(lambda: False, ask_every=0)


def headline_of(house: House) -> Finding:
    ledger = read(house.database, module_names())
    return headline(ledger, findings(ledger))


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


@pytest.mark.parametrize("planned", [True, False], ids=["with a plan", "before its first plan"])
def test_a_red_pull_cleared_alone_is_seen_at_once_and_leaves_nothing_red(house: House, planned: bool) -> None:
    """Its load has ended: it reads what it could not read, gives way, and the next run does not hold back."""
    house.sandbox.post("orders_per_hour", {"value": 50000})
    house.watch().reason_to_start()
    house.skip(20)
    if planned:
        worker = house.worker(run_id="red")
        ahead = worker.feed.next_read()
        assert ahead is not None
        worker.write_down("live", ahead)
    house.sandbox.faults(permission_refused={})
    for again in (False, True):  # cleared before the cause is mended, it is red as before
        with pytest.raises(Misconfigured) as refused:
            house.shift(run_id="red").run(Limits(), again=again)
        house.holds.troubles.note("sale_out", "pull", "red", refused.value)
        house.holds.failed("sale_out", "red", f"任务 pull_sale_out 失败：{refused.value}", hopeless=True)
        assert headline_of(house).level == "bad"
        assert house.watch(run_id="next").held_back() is not None
    house.sandbox.faults()
    began = house.clock.monotonic()
    counts = house.shift(run_id="red").run(Limits(), again=True)
    assert house.clock.monotonic() - began < 10
    assert counts["plans"] == planned
    following = house.watch(run_id="next")
    assert following.held_back() is None
    assert following.reason_to_start()
    house.shift(run_id="next").run(Limits(longest=3))
    load(house, "next")
    drain(house)
    assert "销售出库" not in headline_of(house).what
    assert house.incidents.standing() == []
    assert_equal_to_the_source(house)
