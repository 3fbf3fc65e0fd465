"""Live windows: a row that is committed late is in a window that is read after its commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from jst.clock import SHANGHAI
from jst.model.module import load_module
from jst.model.window import Window, floor_second, live_window

SALE_OUT = load_module("sale_out")
START = datetime(2026, 3, 8, 9, 30, tzinfo=SHANGHAI)
BEFORE, AFTER = timedelta(minutes=1), timedelta(minutes=1)

paces = st.lists(st.sampled_from((0.7, 1.0, 1.5, 1.6, 3.0, 20.0)), min_size=1, max_size=6)
late = st.floats(0, SALE_OUT.overlap_seconds)
moments = st.floats(0, 60)


def looks(seconds: list[float]) -> list[tuple[datetime, Window]]:
    """The windows of a feed that looks after so many seconds each, with the moment each is read."""
    found = list[tuple[datetime, Window]]()
    now, since = START - BEFORE, floor_second(START - BEFORE)
    while now < START + AFTER + BEFORE:
        now += timedelta(seconds=seconds[len(found) % len(seconds)])
        end = floor_second(now) - timedelta(seconds=SALE_OUT.settle_seconds)
        window = live_window(SALE_OUT, since, end) if end > since else Window(since, since)
        found.append((now, window))
        since = max(end, since)
    return found


@settings(max_examples=300)
@given(paces, moments, late)
def test_a_commit_up_to_the_overlap_late_is_read(seconds: list[float], moment: float, lateness: float) -> None:
    modified = floor_second(START + timedelta(seconds=moment))
    committed = START + timedelta(seconds=moment + lateness)
    assert any(read >= committed and window.start <= modified <= window.end for read, window in looks(seconds))


@given(paces)
def test_no_second_lies_between_two_windows(seconds: list[float]) -> None:
    windows = [window for _, window in looks(seconds)]
    assert all(after.start <= before.end for before, after in pairwise(windows))
