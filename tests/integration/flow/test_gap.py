"""After an hour's outage the newest changes are read first, then what was missed; in the end nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jst.control.watermarks import Beginning
from jst.flow.live.shift import Limits
from tests.support.against_the_source import TO_THE_END, assert_equal_to_the_source
from tests.support.dialects import house_in
from tests.support.house import House
from tests.support.search_depth import DEPTH
from tests.support.stores import Stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]

AWAY = timedelta(hours=2)


@pytest.fixture(params=DEPTH.first("gateway", "openapi"))
def house(request: pytest.FixtureRequest, stores: Stores, tmp_path: Path) -> Iterator[House]:
    """A feed that read nothing for two hours, in which the shop sold a thousand orders; it sells on."""
    past = ("--history-days", "0.1", "--history-per-hour", "600", "--orders-per-hour", "20000")
    with house_in(request.param, stores, tmp_path / "erp", "--skus", "150", *past) as house:
        before = house.clock.now().replace(microsecond=0) - AWAY
        house.plans.watermarks.start_live(
            "sale_out", Beginning(before, before, 1 if request.param == "openapi" else None)
        )
        if request.param == "openapi":
            house.skip(16)  # what may be skipped to is 12 s old
        yield house


def pulled(house: House) -> list[tuple[str, float]]:
    """The plans that were pulled, in that order: origin, and how many seconds before the present they ended."""
    return house.database.rows(
        """SELECT origin, extract(epoch FROM max(finished_at) OVER () - window_to)::float
           FROM plan JOIN receipt USING (plan_id, attempt) ORDER BY finished_at"""
    )


@pytest.mark.parametrize("house", ["gateway", "openapi"], indirect=True)
def test_the_newest_is_read_first_then_the_gap_and_nothing_is_missing(house: House) -> None:
    house.shift().run(Limits(longest=40, quiet=2))
    house.freeze()
    house.shift(run_id="run-2").run(TO_THE_END)
    while house.loader().load_waiting():
        pass
    (first, *_), ages = pulled(house), [age for origin, age in pulled(house) if origin == "gap"]
    assert first[0] == "live"
    assert len(ages) > 1
    if house.settings.dialect == "gateway":
        assert ages == sorted(ages)
    assert_equal_to_the_source(house)


@pytest.mark.parametrize("house", DEPTH.first("openapi", "gateway"), indirect=True)
def test_a_killed_shift_leaves_the_gap_to_the_next_one(house: House) -> None:
    house.shift().run(Limits(longest=0.5))
    assert house.plans.unfinished("sale_out")
    assert "未完成" in house.watch().reason_to_start()
    house.freeze()
    house.shift(run_id="run-2").run(TO_THE_END)
    while house.loader().load_waiting():
        pass
    assert_equal_to_the_source(house)


def test_a_clear_of_the_shift_that_passed_over_a_gap_does_the_gap_again_and_moves_nothing(house: House) -> None:
    house.freeze()
    house.shift().run(TO_THE_END)
    read = house.plans.watermarks.value("sale_out", "read")
    house.shift().run(Limits())
    while house.loader().load_waiting():
        pass
    assert house.plans.watermarks.value("sale_out", "read") == read
    assert_equal_to_the_source(house)
