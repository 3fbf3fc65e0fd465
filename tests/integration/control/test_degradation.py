"""A storm of refusals makes a module step down to batches, which all its processes know; three clean ones end it."""

from __future__ import annotations

import pytest

from jst.control.database import Database
from jst.control.degradation import BATCH_SECONDS, Degradation, Degraded
from jst.control.incidents import Incidents
from jst.control.request_budget import LONGEST_PAUSE_SECONDS, PostgresBudget
from jst.erp.client import Rate
from tests.support.database_time import PassingClock, pass_time
from tests.support.plan_story import MODULE

pytestmark = pytest.mark.postgres

RATES = (Rate(15, 1),)


@pytest.fixture
def degradation(database: Database) -> Degradation:
    return Degradation(database)


def due(database: Database, degradation: Degradation) -> Degraded:
    """The degradation in force when its batch is due."""
    pass_time(database, BATCH_SECONDS)
    current = degradation.current(MODULE)
    assert current is not None
    assert current.left <= 0
    return current


def asking(database: Database, minutes: float, refused_of_ten: int) -> tuple[PostgresBudget, int]:
    """A feed that asks for ``minutes`` a source that refuses some of every ten requests; how often it asked."""
    clock = PassingClock(database)
    budget, asked = PostgresBudget(database, "app-1", clock), 0
    end = clock.monotonic() + minutes * 60
    while clock.monotonic() < end:
        budget.wait_for_slot("/orders", RATES, "live")
        asked += 1
        if asked % 10 < refused_of_ten:
            budget.refused("/orders", 1.0, "live")
        clock.sleep(1.0)
    budget.close()
    return budget, asked


def test_nothing_but_refusals_are_a_storm_within_minutes_and_are_asked_ever_more_rarely(database: Database) -> None:
    budget, asked = asking(database, 3, refused_of_ten=10)
    assert "被源端拒绝" in budget.storm("/orders")
    assert asked <= 20
    ((pause,),) = database.rows("SELECT extract(epoch FROM next_at - clock_timestamp())::float8 FROM budget")
    assert pause <= LONGEST_PAUSE_SECONDS


def test_a_third_of_refusals_is_no_storm_and_pauses_stay_short(database: Database) -> None:
    budget, asked = asking(database, 4, refused_of_ten=3)
    assert budget.storm("/orders") == ""
    assert asked >= 80


def test_a_short_burst_of_refusals_is_no_storm(database: Database) -> None:
    asking(database, 2, refused_of_ten=0)
    budget, _ = asking(database, 0.3, refused_of_ten=10)
    assert budget.storm("/orders") == ""


def test_a_source_that_asks_for_a_long_pause_is_a_storm(database: Database) -> None:
    budget, _ = asking(database, 0.1, refused_of_ten=0)
    budget.refused("/orders", 600.0, "live")
    assert "要求暂停" in budget.storm("/orders")
    assert budget.storm("/skus") == ""


def test_it_begins_once_for_all_processes_and_is_an_incident(database: Database, postgres_dsn: str) -> None:
    with Database(postgres_dsn) as other:
        first = Degradation(database).step_down(MODULE, "最近 3 分钟 9 次请求中有 9 次被源端拒绝")
        second = Degradation(other).step_down(MODULE, "又一个进程")
        assert (second.since, second.reason) == (first.since, first.reason)
        assert Degradation(other).current("inventory") is None
    (incident,) = Incidents(database).standing(MODULE)
    assert incident.kind == "degraded"
    assert 0 < first.left <= BATCH_SECONDS


def test_three_clean_batches_in_a_row_end_it_and_the_incident(database: Database, degradation: Degradation) -> None:
    degradation.step_down(MODULE, "风暴")
    for clean in (True, True, False, True, True):
        assert degradation.record_batch(due(database, degradation), 10.0, clean=clean) is not None
    assert degradation.record_batch(due(database, degradation), 10.0, clean=True) is None
    assert degradation.current(MODULE) is None
    assert Incidents(database).standing(MODULE) == []
    ((seconds, reason),) = database.rows("SELECT extract(epoch FROM until - since)::int, reason FROM degradation")
    assert (seconds, reason) == (pytest.approx(6 * BATCH_SECONDS, abs=5), "风暴")


def test_a_batch_that_is_told_twice_or_was_not_due_counts_once(database: Database, degradation: Degradation) -> None:
    early = degradation.step_down(MODULE, "风暴")
    after = degradation.record_batch(early, 1.0, clean=True)
    assert after is not None
    assert after.clean == 0
    told = due(database, degradation)
    for _ in range(3):
        after = degradation.record_batch(told, 1.0, clean=True)
    assert after is not None
    assert after.clean == 1
    assert after.left == pytest.approx(BATCH_SECONDS - 1, abs=2)


def test_a_later_storm_is_a_new_degradation(database: Database, degradation: Degradation) -> None:
    degradation.step_down(MODULE, "第一次")
    for _ in range(3):
        degradation.record_batch(due(database, degradation), 1.0, clean=True)
    assert degradation.step_down(MODULE, "第二次").reason == "第二次"
    assert database.rows("SELECT count(*), count(until) FROM degradation") == [(2, 1)]
