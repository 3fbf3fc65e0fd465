"""Which days wait for their marts, whatever dies in between."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jst.control.database import Database
from jst.control.marts import Marts

pytestmark = pytest.mark.postgres
OLD, NEW = date(2026, 1, 2), date(2026, 1, 3)


@pytest.fixture
def marts(database: Database) -> Marts:
    return Marts(database)


def take(marts: Marts) -> list[date]:
    """A round that refreshes whatever waits."""
    waiting = marts.waiting()
    for day, mark in waiting.items():
        marts.done(day, mark)
    return list(waiting)


def test_days_wait_newest_first_until_they_are_done(marts: Marts) -> None:
    assert marts.waiting() == {}
    marts.begin("sale_out", [OLD])
    marts.end("sale_out", [OLD, NEW])
    assert take(marts) == [NEW, OLD]
    assert marts.waiting() == {}


def test_a_round_between_the_two_marks_is_not_the_last_word(marts: Marts) -> None:
    marts.begin("sale_out", [OLD])
    assert take(marts) == [OLD]  # counts what has not left yet
    marts.end("sale_out", [NEW])
    assert take(marts) == [NEW, OLD]


def test_a_load_that_was_killed_leaves_its_old_days_to_the_next(marts: Marts) -> None:
    marts.begin("sale_out", [OLD])
    assert take(marts) == [OLD]
    # killed after widen: the next load of the module finds the rows on their new day only
    marts.begin("sale_out", [NEW])
    marts.end("sale_out", [NEW])
    assert take(marts) == [NEW, OLD]


def test_another_modules_load_does_not_end_it(marts: Marts) -> None:
    marts.begin("sale_out", [OLD])
    take(marts)
    marts.end("after_sale", [NEW])
    assert take(marts) == [NEW]


def test_what_is_marked_while_a_day_is_refreshed_waits_again(marts: Marts) -> None:
    marts.end("sale_out", [NEW])
    ((day, mark),) = marts.waiting().items()
    marts.end("after_sale", [NEW])
    marts.done(day, mark)
    assert take(marts) == [NEW]


def test_all_days_are_searched_once_an_hour(marts: Marts) -> None:
    assert marts.search_is_due(timedelta(hours=1))
    marts.mark([OLD])
    marts.searched()
    assert not marts.search_is_due(timedelta(hours=1))
    assert marts.search_is_due(timedelta(0))
    assert take(marts) == [OLD]
