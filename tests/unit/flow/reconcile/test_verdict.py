"""Verdicts over a source whose rows leave windows between any two questions: a certain verdict is never wrong."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jst.clock import SHANGHAI
from jst.flow.reading.records import least_version
from jst.flow.reconcile.round import CELL as CELL_OF
from jst.flow.reconcile.verdict import WindowCount, grid, outdated, quarters, random_part
from jst.model.window import Window

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=SHANGHAI)


def at(**since: float) -> datetime:
    return NOON + timedelta(**since)


def spans(windows: list[Window]) -> list[tuple[str, str]]:
    return [(f"{each.start:%H:%M:%S}", f"{each.end:%H:%M:%S}") for each in windows]


CELL = timedelta(minutes=30)


def test_windows_reach_from_midnight_to_the_end_and_share_their_bounds() -> None:
    assert spans(grid(NOON, at(days=-9), CELL, timedelta(minutes=10))) == [
        ("00:00:00", "09:50:00"), ("09:50:00", "10:20:00"), ("10:20:00", "10:50:00"), ("10:50:00", "11:20:00"),
        ("11:20:00", "11:50:00"), ("11:50:00", "12:00:00"),
    ]  # fmt: skip
    assert spans(grid(NOON, at(days=-9), CELL, timedelta(0)))[-1] == ("11:30:00", "12:00:00")


def test_after_midnight_the_last_two_hours_are_compared_all_the_same() -> None:
    assert spans(grid(at(hours=-11), at(days=-9), CELL, timedelta(0)))[0] == ("23:00:00", "23:30:00")


@pytest.mark.parametrize(("floor", "windows"), [(at(minutes=-50), 2), (at(minutes=-1), 1), (NOON, 0), (at(days=1), 0)])
def test_nothing_is_compared_that_the_first_load_has_not_brought(floor: datetime, windows: int) -> None:
    found = grid(NOON, floor, CELL, timedelta(0))
    assert len(found) == windows
    assert not windows or found[0].start == floor


@pytest.mark.parametrize(
    ("dialect", "apart", "missed"), [("gateway", 60, 0.0), ("gateway", 20, 0.02), ("openapi", 120, 0.02)]
)
def test_an_hour_of_rounds_parts_two_moments_that_are_not_close(dialect: str, apart: int, missed: float) -> None:
    """A change an hour late: its record's old place and its new one are ``apart`` seconds from each other."""
    rng, cell, unseen = random.Random(7), CELL_OF[dialect], 0
    for _ in range(300):
        old = at(seconds=rng.randrange(3600))
        new = old + timedelta(seconds=apart)
        rounds = [
            grid(at(minutes=60 + 5 * number), at(days=-9), cell, timedelta(seconds=rng.randrange(cell.seconds)))
            for number in range(12)
        ]
        unseen += all(any(each.start <= old and new <= each.end for each in windows) for windows in rounds)
    assert unseen / 300 <= missed


@given(st.integers(0, 4000))
def test_quarters_leave_no_second_out(seconds: int) -> None:
    window = Window(NOON, at(seconds=seconds))
    parts = quarters(window)
    assert (parts[0].start, parts[-1].end) == (window.start, window.end)
    for earlier, later in pairwise(parts):
        assert later.start - earlier.end in (timedelta(0), timedelta(seconds=1))
    assert seconds < 2 or max(part.seconds for part in parts) <= seconds // 2


@given(st.randoms(use_true_random=False), st.integers(0, 40_000), st.integers(1, 10**6))
def test_a_random_part_lies_within(rng: random.Random, seconds: int, rows: int) -> None:
    window = Window(NOON, at(seconds=seconds))
    part = random_part(rng, window, rows, 200)
    assert window.start <= part.start <= part.end <= window.end
    assert rows > 200 or part == window


@given(st.data())
def test_a_certain_verdict_is_never_wrong(data: st.DataObject) -> None:
    """Rows leave the source between any two looks; live follows late, and has followed before the second look."""
    source = data.draw(st.sets(st.integers(0, 30)), label="rows of the window at the source")
    warehouse = source - data.draw(st.sets(st.sampled_from(sorted(source) or [0]), max_size=3), label="missing")
    warehouse |= data.draw(st.sets(st.integers(100, 103)), label="surplus")
    missing, surplus = source - warehouse, warehouse - source
    leaving = st.sets(st.sampled_from(sorted(source) or [0]), max_size=5)
    unseen = data.draw(leaving, label="left shortly before the first look, not seen yet")
    source = source - unseen
    before = len(warehouse)
    source = source - data.draw(leaving, label="left before the question")
    total, still_missing = len(source), missing & source
    source = source - data.draw(leaving, label="left after the question")
    waited = data.draw(st.booleans(), label="live came past the question")
    after = len((warehouse - missing) & source | surplus) if waited else None
    verdict = WindowCount(Window(NOON, NOON), total, before, after).verdict
    if verdict == "missing":
        assert still_missing
    if verdict == "surplus":
        assert surplus
    if verdict == "equal":
        assert len(still_missing) == len(surplus)


def test_dead_letters_are_not_missing() -> None:
    window = Window(NOON, at(seconds=60))
    assert WindowCount(window, 12, 10, 10, letters=2).verdict == "moving"
    assert WindowCount(window, 13, 10, 10, letters=2).verdict == "missing"


def test_a_difference_names_window_and_both_sides() -> None:
    assert str(WindowCount(Window(NOON, at(seconds=60)), 12, 10, 9)) == (
        "[2026-03-01 12:00:00 → 2026-03-01 12:01:00] modified 源端 12，仓库 10→9"
    )


def test_a_version_of_the_same_second_is_told_apart_only_where_the_source_has_a_ts() -> None:
    older, newer = least_version(NOON, 7), least_version(NOON, 8)
    assert outdated({"a": newer, "b": older, "c": older}, {"a": older, "b": newer}) == {"a", "c"}
    assert outdated({"a": least_version(NOON, None)}, {"a": least_version(NOON, None)}) == set()
    assert outdated({"a": least_version(at(seconds=1), None)}, {"a": least_version(NOON, None)}) == {"a"}


def test_a_row_version_alone_decides_where_there_is_one() -> None:
    assert outdated({"a": least_version(NOON, 2**32 + 5)}, {"a": least_version(at(seconds=9), 2**32 - 5)}) == {"a"}
