"""Reading along the ts cursor, and a whole list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jst.clock import SHANGHAI
from jst.errors import Retry
from jst.flow.reading.by_cursor import PAGES_PER_CURSOR, read_cursor, settled_ts
from jst.flow.reading.by_list import read_list
from jst.flow.reading.by_window import PageView, Reading

SIZE = 3


class Table:
    """Key → ts; every write takes the next ts, as a row version does."""

    def __init__(self, *keys: str) -> None:
        self.ts = 0
        self.rows: dict[str, int] = {}
        for key in keys:
            self.write(key)

    def write(self, key: str) -> None:
        self.ts += 1
        self.rows[key] = self.ts

    def since(self, ts: int, *, has_next: bool | None = None) -> PageView:
        found = sorted((at, key) for key, at in self.rows.items() if at >= ts)
        page = found[:SIZE]
        says = len(found) > SIZE if has_next is None else has_next
        return PageView(tuple((key, at) for at, key in page), None, says, page[-1][0] if page else None)


def names(reading: Reading) -> set[str]:
    versions: Any = reading.keys
    return {key for key, _ in versions}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40), st.integers(0, 12))
def test_whatever_changes_while_reading_the_newest_of_every_row_is_read(
    writes: list[tuple[int, int]], start: int
) -> None:
    """``writes``: before which request which key changes again."""
    table = Table(*"abcdefghij")
    pending, seen, asked = list(writes), set[object](), 0

    def fetch(ts: int) -> PageView:
        nonlocal asked
        for write in [write for write in pending if write[0] <= asked]:
            pending.remove(write)
            table.write("abcdefghij"[write[1]])
        asked += 1
        page = table.since(ts)
        seen.update(page.keys)
        return page

    reading = read_cursor(fetch, start, SIZE)
    assert reading.proof == "cursor"
    assert reading.cursor == max(max(at for at in table.rows.values()), start)
    assert {(key, at) for key, at in table.rows.items() if at >= start} <= seen


def test_a_full_page_is_not_the_end_whatever_has_next_says() -> None:
    table = Table(*"abcdefgh")
    reading = read_cursor(lambda ts: table.since(ts, has_next=False), 1, SIZE)
    assert names(reading) == set("abcdefgh")


def test_a_source_whose_has_next_is_always_true_is_left_when_nothing_is_newer() -> None:
    table = Table(*"abcd")
    reading = read_cursor(lambda ts: table.since(ts, has_next=True), 1, SIZE)
    assert (reading.cursor, reading.requests) == (4, 3)


def test_a_full_page_that_does_not_move_on_is_an_error_and_no_endless_loop() -> None:
    stuck = PageView(("a", "b", "c"), None, True, 7)
    with pytest.raises(Retry, match="无法前进"):
        read_cursor(lambda ts: stuck, 7, SIZE)


def test_a_page_without_any_ts_is_an_error_when_it_is_full() -> None:
    with pytest.raises(Retry, match="无法前进"):
        read_cursor(lambda ts: PageView(("a", "b", "c"), None, True, None), 7, SIZE)


def test_an_empty_source_ends_where_it_began() -> None:
    reading = read_cursor(lambda ts: PageView((), None, False, None), 5, SIZE)
    assert (reading.cursor, reading.proof, reading.more) == (5, "cursor", False)


def test_a_long_way_is_cut_into_several_plans() -> None:
    table = Table(*(str(number) for number in range(400)))
    read = set[str]()
    cursor, plans, more = 1, 0, True
    while more:
        reading = read_cursor(table.since, cursor, SIZE)
        read |= names(reading)
        assert reading.requests <= PAGES_PER_CURSOR
        cursor, more, plans = reading.cursor or 0, reading.more, plans + 1
    assert (len(read), plans) == (400, 10)


def test_what_lies_beyond_the_plan_is_left_to_the_next_one() -> None:
    """Where the budget is short nothing is read that would have to be read a second time."""
    table = Table(*(str(number) for number in range(40)))

    def fetch(ts: int) -> PageView:
        page = table.since(ts)
        return PageView(page.keys, None, page.has_next, page.highest, beyond=(page.highest or 0) > 20)

    reading = read_cursor(fetch, 1, SIZE)
    assert (reading.proof, reading.more) == ("cursor", False)
    assert 20 < (reading.cursor or 0) <= 20 + SIZE


def test_a_plan_done_again_ends_where_it_ended_before() -> None:
    table = Table(*(str(number) for number in range(400)))
    reading = read_cursor(table.since, 100, SIZE, until=300, most_pages=None)
    assert 300 <= (reading.cursor or 0) <= 300 + SIZE
    assert not reading.more


def test_a_plan_done_again_reads_to_its_end_also_what_was_modified_after_it() -> None:
    """It was one of several along the way: its window is a point, and every row lies beyond it."""
    table = Table(*(str(number) for number in range(400)))

    def fetch(ts: int) -> PageView:
        page = table.since(ts)
        return PageView(page.keys, None, page.has_next, page.highest, beyond=True)

    assert 300 <= (read_cursor(fetch, 100, SIZE, until=300, most_pages=None).cursor or 0) <= 300 + SIZE


def listing(pages: Sequence[Sequence[str]], total: int | None) -> Callable[[int], PageView]:
    return lambda index: PageView(tuple(pages[index - 1]), total, index < len(pages))


@pytest.mark.parametrize(
    ("pages", "total", "proof"),
    [
        ([["a", "b"], ["c"]], 3, "set"),
        ([["a", "b"], ["c"]], None, "set"),
        ([["a", "b"], ["b"]], 3, ""),
        ([[]], 0, "set"),
    ],
)
def test_a_list_is_proven_when_it_holds_what_the_source_counts(
    pages: list[list[str]], total: int | None, proof: str
) -> None:
    reading = read_list(listing(pages, total))
    assert reading.proof == proof
    assert bool(reading.reason) == (not proof)


def second(number: int) -> datetime:
    return datetime(2026, 1, 2, 12, 0, number, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("stamps", "settled"),
    [
        ([(5, 10), (6, 20), (7, 31), (8, 32)], 6),
        ([(8, 32), (6, 20), (7, 31), (5, 10), (6, 20)], 6),
        ([(5, 10), (6, 20)], 6),
        ([(5, 10), (6, 20), (7, 12)], 6),  # 7 may be a change that moved ts alone, a moment ago
        ([(5, 10), (6, 31), (7, 11), (8, 32)], 5),  # 7 was written after 6, whatever its modified says
        ([(5, 31), (6, 32)], None),
        ([], None),
    ],
)
def test_what_precedes_a_fresh_change_is_as_old_as_it_looks(stamps: list[tuple[int, int]], settled: int | None) -> None:
    assert settled_ts([(ts, second(modified), second(30)) for ts, modified in stamps]) == settled


def test_every_page_of_a_long_reading_settles_by_its_own_time() -> None:
    """A reading that waits for its budget is not read again from its beginning."""
    first = [(ts, second(ts), second(15)) for ts in (10, 11, 12)]
    later = [(ts, second(ts), second(40)) for ts in (20, 30, 39, 41, 45)]
    assert settled_ts(first + later) == 39
    assert settled_ts([*first, (13, second(16), second(15)), *later]) == 12
