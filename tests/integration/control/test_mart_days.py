"""Which days wait for their marts, and what of them, whatever dies in between."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jst.control.database import Database
from jst.control.mart_days import MOST_KEYS, MartDays
from jst.model.mart_keys import MartKey

pytestmark = pytest.mark.postgres
OLD, NEW = date(2026, 1, 2), date(2026, 1, 3)
A: MartKey = (101, 9, "A", '款"一')
B: MartKey = (102, 23, "B", "")


@pytest.fixture
def marts(database: Database) -> MartDays:
    return MartDays(database)


def take(marts: MartDays) -> dict[date, set[MartKey] | None]:
    """A round that refreshes whatever waits."""
    waiting = marts.waiting()
    for day, what in waiting.items():
        marts.mark_refreshed(day, what.mark)
    return {day: what.keys for day, what in waiting.items()}


def test_days_wait_newest_first_until_they_are_done(marts: MartDays) -> None:
    assert marts.waiting() == {}
    marts.mark_before_load("sale_out", {OLD: {A}})
    marts.mark_after_load("sale_out", {OLD: {A}, NEW: {A}})
    found = take(marts)
    assert list(found) == [NEW, OLD]
    assert found == {NEW: {A}, OLD: {A}}
    assert marts.waiting() == {}


def test_the_longest_wait_is_of_what_still_waits(marts: MartDays, database: Database) -> None:
    assert marts.longest_wait() == 0
    marts.mark_days([OLD, NEW])
    database.rows("UPDATE mart_day SET marked_at = marked_at - interval '90 s' WHERE day = %(day)s", day=OLD)
    assert 90 <= marts.longest_wait() < 150
    marts.mark_refreshed(OLD, marts.waiting()[OLD].mark)
    assert marts.longest_wait() < 60
    take(marts)
    assert marts.longest_wait() == 0


def test_what_several_loads_touched_is_refreshed_together(marts: MartDays) -> None:
    marts.mark_after_load("sale_out", {NEW: {A}})
    marts.mark_after_load("sale_out", {NEW: {A, B}})
    marts.mark_after_load("after_sale", {NEW: {B}})
    assert take(marts) == {NEW: {A, B}}
    marts.mark_after_load("sale_out", {NEW: {B}})
    assert take(marts) == {NEW: {B}}


def test_a_round_between_the_two_marks_is_not_the_last_word(marts: MartDays) -> None:
    marts.mark_before_load("sale_out", {OLD: {A}})
    assert take(marts) == {OLD: {A}}  # counts what has not left yet
    marts.mark_after_load("sale_out", {NEW: {A}})
    assert take(marts) == {NEW: {A}, OLD: {A}}


def test_a_load_that_was_killed_leaves_its_old_days_to_the_next(marts: MartDays) -> None:
    marts.mark_before_load("sale_out", {OLD: {A}})
    assert take(marts) == {OLD: {A}}
    # killed after widen: the next load of the module finds the rows on their new day only
    marts.mark_before_load("sale_out", {NEW: {B}})
    marts.mark_after_load("sale_out", {NEW: {B}})
    assert take(marts) == {NEW: {B}, OLD: {A}}
    marts.mark_after_load("sale_out", {})
    assert take(marts) == {}


def test_another_modules_load_does_not_end_it(marts: MartDays) -> None:
    marts.mark_before_load("sale_out", {OLD: {A}})
    take(marts)
    marts.mark_after_load("after_sale", {NEW: {A}})
    assert take(marts) == {NEW: {A}}


def test_a_day_that_is_marked_all_the_time_has_waited_since_its_last_refresh_only(
    database: Database, marts: MartDays
) -> None:
    marts.mark_after_load("sale_out", {NEW: {A}})
    database.rows("UPDATE mart_day SET marked_at = marked_at - interval '5 min'")
    ((day, what),) = marts.waiting().items()
    marts.mark_after_load("sale_out", {NEW: {B}})
    marts.mark_refreshed(day, what.mark, 3.0)
    ((waited,),) = database.rows("SELECT extract(epoch FROM clock_timestamp() - marked_at)::float8 FROM mart_day")
    assert waited == pytest.approx(3.0, abs=1.0)
    assert take(marts) == {NEW: {A, B}}
    assert marts.waiting() == {}


def test_what_is_marked_while_a_day_is_refreshed_waits_again(marts: MartDays) -> None:
    marts.mark_after_load("sale_out", {NEW: {A}})
    ((day, what),) = marts.waiting().items()
    marts.mark_after_load("after_sale", {NEW: {B}})
    marts.mark_after_load("sale_out", {NEW: {B}})
    marts.mark_refreshed(day, what.mark)
    assert take(marts) == {NEW: {A, B}}  # the first once more, which is harmless


@pytest.mark.parametrize("loads", [[2 * MOST_KEYS], [MOST_KEYS, MOST_KEYS, 1]])
def test_too_much_of_a_day_is_all_of_it(marts: MartDays, loads: list[int]) -> None:
    made = 0
    for count in loads:
        marts.mark_after_load("sale_out", {NEW: {(101, 9, str(n), "") for n in range(made, made + count)}})
        made += count
    marts.mark_after_load("sale_out", {NEW: {A}})
    assert take(marts) == {NEW: None}
    marts.mark_after_load("sale_out", {NEW: {A}})
    assert take(marts) == {NEW: {A}}


def test_all_days_are_searched_once_an_hour(marts: MartDays) -> None:
    assert marts.search_is_due(timedelta(hours=1))
    marts.mark_after_load("sale_out", {OLD: {A}})
    marts.mark_days([OLD])
    marts.note_search()
    assert not marts.search_is_due(timedelta(hours=1))
    assert marts.search_is_due(timedelta(0))
    assert take(marts) == {OLD: None}
