"""How long a feed holds back after failures, and who may start all the same."""

from __future__ import annotations

import pytest

from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.incidents import Incidents
from tests.support.plan_story import MODULE

pytestmark = pytest.mark.postgres


@pytest.fixture
def feeds(database: Database) -> Holds:
    return Holds(database)


def held(feeds: Holds, run_id: str = "the-next-run") -> float:
    """Seconds left for a run, 0 when it may start."""
    holding = feeds.hold(MODULE, run_id)
    return holding[1] if holding else 0.0


def about(seconds: float) -> object:
    """A hold of so many seconds, as long as the test has taken less than a good second."""
    return pytest.approx(seconds - 1.0, abs=1.0)


def test_a_healthy_feed_is_not_held(feeds: Holds) -> None:
    assert held(feeds) == 0
    feeds.healthy(MODULE)
    assert held(feeds) == 0


def test_each_failing_run_doubles_the_hold_up_to_five_minutes(feeds: Holds) -> None:
    for number, seconds in enumerate((10, 20, 40, 80, 160, 300, 300), 1):
        feeds.failed(MODULE, f"run-{number}", "坏了", hopeless=False)
        assert held(feeds) == about(seconds)
    assert held(feeds, "run-7") == 0
    for number in range(8, 40):
        feeds.failed(MODULE, f"run-{number}", "坏了", hopeless=False)
    assert held(feeds) == about(300)


def test_the_hold_says_who_failed_and_why(feeds: Holds) -> None:
    given = feeds.failed(MODULE, "run-1", "任务 pull 失败：密钥不对", hopeless=False)
    holding = feeds.hold(MODULE, "run-2")
    assert holding is not None
    assert holding[0] == given
    assert (given.run_id, given.reason) == ("run-1", "任务 pull 失败：密钥不对")
    assert feeds.hold("sku", "run-2") is None


def test_what_cannot_help_holds_for_five_minutes_at_once(feeds: Holds) -> None:
    feeds.failed(MODULE, "run-1", "密钥不对", hopeless=True)
    assert held(feeds) == about(300)


def test_what_only_a_person_can_help_is_an_incident_until_data_flows(feeds: Holds, database: Database) -> None:
    incidents = Incidents(database)
    feeds.failed(MODULE, "run-1", "ClickHouse 连不上", hopeless=False)
    assert incidents.standing() == []
    for run in ("run-2", "run-3"):
        feeds.failed(MODULE, run, "记录大多无法解析", hopeless=True)
    feeds.healthy(MODULE)  # what was pulled before is loaded: the hold is younger
    assert [(each.kind, each.module, each.times) for each in incidents.standing()] == [("feed_stopped", MODULE, 2)]
    database.rows("UPDATE feed SET hold_until = clock_timestamp()")
    feeds.healthy(MODULE)
    assert incidents.standing() == []


def test_two_failures_of_one_run_count_once(feeds: Holds) -> None:
    for _ in ("pull", "load"):
        feeds.failed(MODULE, "run-1", "坏了", hopeless=False)
    assert held(feeds) == about(10)
    feeds.failed(MODULE, "run-2", "坏了", hopeless=False)
    assert held(feeds) == about(20)


def test_a_second_failure_of_a_run_does_not_shorten_its_hold(feeds: Holds) -> None:
    """pull meets a wrong secret while ClickHouse is away from load."""
    feeds.failed(MODULE, "run-1", "密钥不对", hopeless=True)
    feeds.failed(MODULE, "run-1", "ClickHouse 连不上", hopeless=False)
    assert held(feeds) == about(300)
    holding = feeds.hold(MODULE, "run-2")
    assert holding is not None
    assert holding[0].reason == "密钥不对"


def test_health_does_not_lift_a_hold_in_force(feeds: Holds) -> None:
    """load finishes a leftover batch just after pull met a wrong secret."""
    feeds.failed(MODULE, "run-1", "密钥不对", hopeless=True)
    feeds.healthy(MODULE)
    assert held(feeds) == about(300)


def test_a_person_who_starts_the_system_lets_every_feed_try_at_once(feeds: Holds, database: Database) -> None:
    for module in (MODULE, "after_sale"):
        feeds.failed(module, "run-1", "密钥不对", hopeless=True)
    feeds.lift()
    assert [feeds.hold(module, "the-next-run") for module in (MODULE, "after_sale")] == [None, None]
    standing = Incidents(database).standing()
    assert {incident.module for incident in standing} == {MODULE, "after_sale"}, "until data flow"
    feeds.failed(MODULE, "run-2", "密钥不对", hopeless=True)
    assert held(feeds) == about(300)


def test_health_forgets_earlier_failures(feeds: Holds, postgres_dsn: str) -> None:
    for number in range(4):
        feeds.failed(MODULE, f"run-{number}", "坏了", hopeless=False)
    with Database(postgres_dsn) as database:
        database.rows("UPDATE feed SET hold_until = clock_timestamp()")
    feeds.healthy(MODULE)
    assert held(feeds) == 0
    feeds.failed(MODULE, "run-3", "又坏了", hopeless=False)
    assert held(feeds) == about(10)
    feeds.failed(MODULE, "run-5", "又坏了", hopeless=False)
    assert held(feeds) == about(20)


def test_a_reason_with_unprintable_parts_is_recorded(feeds: Holds) -> None:
    feeds.failed(MODULE, "run-1", "应答是 \x00\ud800 乱码", hopeless=False)
    assert held(feeds) == about(10)


def test_the_end_of_a_shift_is_told_again_after_a_clear(feeds: Holds) -> None:
    assert feeds.shift_ended(MODULE, "run-1") is None
    feeds.end_shift(MODULE, "run-1")
    first = feeds.shift_ended(MODULE, "run-1")
    feeds.end_shift(MODULE, "run-1")
    second = feeds.shift_ended(MODULE, "run-1")
    assert first is not None
    assert second is not None
    assert second > first
    assert feeds.shift_ended(MODULE, "run-2") is None
    assert feeds.shift_ended("sku", "run-1") is None
