"""Two runs of a live feed are active: one reads, the other one waits for its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from jst.control.database import Database
from jst.control.turns import LEASE_SECONDS, STANDS_BY_SECONDS, Turns
from tests.support.database_time import pass_time
from tests.support.plan_story import MODULE

pytestmark = pytest.mark.postgres
LENGTH = 260.0


@pytest.fixture
def process(postgres_dsn: str, database: Database) -> Iterator[Callable[[], Turns]]:
    """Makes processes: each has a session of its own."""
    opened = list[Database]()

    def begun() -> Turns:
        opened.append(Database(postgres_dsn))
        return Turns(opened[-1])

    yield begun
    for each in opened:
        each.close()


def test_at_night_one_run_looks_and_the_other_one_waits_until_it_is_gone(
    process: Callable[[], Turns], database: Database
) -> None:
    first, second = process(), process()
    assert [first.claim(MODULE, "run-1"), second.claim(MODULE, "run-2")] == ["lead", "wait"]
    pass_time(database, LEASE_SECONDS - 1)
    assert [first.claim(MODULE, "run-1"), second.claim(MODULE, "run-2")] == ["lead", "wait"]
    first.leave(MODULE, "run-1")
    assert second.claim(MODULE, "run-2") == "lead"
    pass_time(database, LEASE_SECONDS + 1)  # its run was deleted
    assert first.claim(MODULE, "run-3") == "lead"


def test_the_next_run_gets_ready_before_the_shift_ends_and_reads_from_its_last_look_on(
    process: Callable[[], Turns], database: Database
) -> None:
    reads, relieves = process(), process()
    assert reads.claim(MODULE, "run-1") == "lead"
    assert reads.begin_reading(MODULE, "run-1", LENGTH)
    assert relieves.claim(MODULE, "run-2") == "wait"
    for _ in range(5):
        pass_time(database, LENGTH / 5)
        assert reads.goes_on(MODULE, "run-1")
    assert relieves.claim(MODULE, "run-2") == "relieve"
    assert reads.goes_on(MODULE, "run-1")  # until the next one is ready
    assert not relieves.begin_reading(MODULE, "run-2", LENGTH)
    assert not reads.goes_on(MODULE, "run-1")
    reads.end_reading(MODULE, "run-1")
    assert relieves.begin_reading(MODULE, "run-2", LENGTH)
    assert relieves.goes_on(MODULE, "run-2")
    assert reads.claim(MODULE, "run-3") == "wait"


def test_a_relief_that_died_keeps_nobody_from_reading(process: Callable[[], Turns], database: Database) -> None:
    reads, relieves = process(), process()
    assert reads.begin_reading(MODULE, "run-1", 0.0)
    assert relieves.claim(MODULE, "run-2") == "relieve"
    assert not relieves.begin_reading(MODULE, "run-2", LENGTH)
    pass_time(database, STANDS_BY_SECONDS + 0.1)
    assert reads.goes_on(MODULE, "run-1")
    pass_time(database, LEASE_SECONDS)
    assert process().claim(MODULE, "run-3") == "lead"


def test_who_is_killed_while_it_reads_is_followed_at_once(
    process: Callable[[], Turns], postgres_dsn: str, database: Database
) -> None:
    with Database(postgres_dsn) as killed:
        assert Turns(killed).begin_reading(MODULE, "run-1", 0.0)
        relieves = process()
        assert relieves.claim(MODULE, "run-2") == "relieve"
        assert not relieves.begin_reading(MODULE, "run-2", LENGTH)
    pass_time(database, 0.1)
    assert relieves.begin_reading(MODULE, "run-2", LENGTH)


def test_its_own_next_try_goes_on_in_a_turn(process: Callable[[], Turns], postgres_dsn: str) -> None:
    with Database(postgres_dsn) as killed:
        assert Turns(killed).begin_reading(MODULE, "run-1", LENGTH)
    again, other = process(), process()
    assert other.claim(MODULE, "run-2") == "wait"
    assert again.begin_reading(MODULE, "run-1", LENGTH)
    assert again.goes_on(MODULE, "run-1")


def test_a_cleared_run_waits_for_the_shift_and_goes_before_the_next_one(
    process: Callable[[], Turns], database: Database
) -> None:
    reads, relieves, cleared = process(), process(), process()
    assert reads.begin_reading(MODULE, "run-2", 0.0)
    assert not cleared.begin_reading(MODULE, "run-1", LENGTH)
    assert reads.goes_on(MODULE, "run-2")
    assert relieves.claim(MODULE, "run-3") == "relieve"
    assert not relieves.begin_reading(MODULE, "run-3", LENGTH)
    reads.end_reading(MODULE, "run-2")
    assert not relieves.begin_reading(MODULE, "run-3", LENGTH)
    assert cleared.begin_reading(MODULE, "run-1", LENGTH)
    assert not relieves.begin_reading(MODULE, "run-3", LENGTH)
    assert not cleared.goes_on(MODULE, "run-1")
    cleared.end_reading(MODULE, "run-1")
    assert relieves.begin_reading(MODULE, "run-3", LENGTH)


def test_a_session_that_was_lost_is_a_lock_that_was_lost(
    process: Callable[[], Turns], postgres_dsn: str, database: Database
) -> None:
    with Database(postgres_dsn) as lost:
        reads, relieves = Turns(lost), process()
        assert reads.begin_reading(MODULE, "run-1", 0.0)
        lost.close()
        assert reads.goes_on(MODULE, "run-1")  # nobody else has it: it takes the lock again
        lost.close()
        assert relieves.claim(MODULE, "run-2") == "relieve"
        assert relieves.begin_reading(MODULE, "run-2", LENGTH)
        assert not reads.goes_on(MODULE, "run-1")
        reads.end_reading(MODULE, "run-1")
        assert relieves.goes_on(MODULE, "run-2")


def test_a_frozen_process_keeps_nobody_from_reading(
    process: Callable[[], Turns], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jst.control.turns.LEASE_SECONDS", 1.0)
    frozen, other = process(), process()
    assert frozen.begin_reading(MODULE, "run-1", LENGTH)
    assert not other.begin_reading(MODULE, "run-2", LENGTH)
    patience = monotonic() + 30
    while not other.begin_reading(MODULE, "run-2", LENGTH):  # it says nothing any more, its session stays open
        assert monotonic() < patience
    assert not frozen.goes_on(MODULE, "run-1")


def test_each_module_has_a_turn_of_its_own(process: Callable[[], Turns]) -> None:
    first, second = process(), process()
    assert first.begin_reading(MODULE, "run-1", LENGTH)
    assert second.begin_reading("inventory", "run-1", LENGTH)
    assert first.begin_reading("inventory", "run-2", LENGTH) is False
