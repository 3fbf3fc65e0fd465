"""A storm of refusals: few requests, batches of five minutes, back to live, nothing missing. Time only passes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from jst.control.incidents import Incidents
from jst.flow.live.shift import Limits, LiveShift
from jst.flow.reading.source_clock import SourceClock
from jst.model.module import load_module
from tests.support.against_the_source import assert_equal_to_the_source, drain
from tests.support.clocks import ShopClock
from tests.support.database_time import PassingClock, pass_time
from tests.support.house import House
from tests.support.sandbox import Sandbox
from tests.support.stores import Stores, empty_stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]

PATH = load_module("sale_out").endpoint("gateway").path


@pytest.fixture
def house(stores: Stores, tmp_path: Path) -> Iterator[House]:
    """Its source refuses by the storm alone: the budget's time passes faster here than a quota's seconds would."""
    with (
        closing(Sandbox(tmp_path / "erp", "--skus", "200", "--no-quota")) as sandbox,
        closing(House(*stores, sandbox)) as house,
    ):
        empty_stores(stores.dsn, house.warehouse)
        yield house


def asked(house: House) -> int:
    """Requests the source has had."""
    return sum(house.sandbox.get("stats")["codes"][PATH].values())


def carried(house: House) -> int:
    """Records carried to Kafka so far, by the receipts."""
    ((total,),) = house.database.rows("SELECT coalesce(sum(carried), 0)::bigint FROM receipt")
    assert isinstance(total, int)
    return total


def shift(house: House, run_id: str) -> LiveShift:
    """A shift of its own process; only the source's clock goes on as it does."""
    puller = house.puller()
    puller.source_clock = SourceClock(puller.module, puller.client, ShopClock(lambda: house.sandbox.moved))
    return house.shift(run_id=run_id, puller=puller)


def batch(house: House, number: int) -> int:
    """Wait as watch does until a batch is due, and pull it; how many requests it made."""
    watch, before = house.watch(run_id=f"batch-{number}"), asked(house)
    held = watch.held_back()
    assert held is not None
    assert "降级" in held[0]
    pass_time(house.database, held[1] + 1)
    assert watch.held_back() is None
    assert "降级" in watch.reason_to_start()
    assert asked(house) == before
    shift(house, f"batch-{number}").run(Limits())
    return asked(house) - before


def test_a_storm_is_sat_out_in_batches_and_nothing_is_missing(house: House) -> None:
    house.sandbox.post("orders_per_hour", {"value": 50000})
    clock = PassingClock(house.database)
    house.use_clock(clock)
    house.watch().reason_to_start()
    house.sandbox.forward(3)  # from here on the shop hardly moves
    shift(house, "calm").run(Limits(longest=5))

    house.sandbox.faults(storm_429={})
    began, before = clock.monotonic(), asked(house)
    runs = count()
    while house.holds.degradation.current("sale_out") is None and clock.monotonic() - began < 300:
        shift(house, f"storm-{next(runs)}").run(Limits())
    assert house.holds.degradation.current("sale_out") is not None
    assert asked(house) - before <= 30
    assert [batch(house, number) for number in range(2)] == [pytest.approx(4, abs=4)] * 2
    assert [incident.kind for incident in Incidents(house.database).standing("sale_out")] == ["degraded"]

    house.sandbox.forward(3)  # something to carry, however little real time the storm has taken
    house.sandbox.faults(storm_429={"times": 2})  # a third of a batch's few requests: by chance it could be none
    so_far = carried(house)
    batch(house, 2)
    degraded = house.holds.degradation.current("sale_out")
    assert degraded is not None
    assert degraded.clean == 0
    assert carried(house) > so_far

    house.sandbox.faults()
    for number in range(3, 6):
        batch(house, number)
    assert house.holds.degradation.current("sale_out") is None
    assert Incidents(house.database).standing("sale_out") == []
    with closing(house.beside()) as after:
        drain(after)
        assert_equal_to_the_source(after)
