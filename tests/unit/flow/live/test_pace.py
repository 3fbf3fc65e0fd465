"""How often a live feed looks, and when it stops short of the present."""

from __future__ import annotations

import pytest

from jst.flow.live.pace import LONGEST_SECONDS, Pace
from jst.model.plan import Recent


def along_the_cursor(recent: Recent | None = None) -> Pace:
    """Looks every 5 s as its spec says, reads 12 s again, 50 rows a page."""
    return Pace(5.0, 12.0, 50, 10.0, recent)


def by_windows(recent: Recent | None = None) -> Pace:
    return Pace(1.0, 7.0, 25, None, recent)


def looks(pace: Pace, *, news: float, cost: float, times: int = 30) -> Pace:
    """Let the feed work where every second brings ``news`` rows and a request takes ``cost`` seconds."""
    for _ in range(times):
        rows = news * (pace.seconds + (0 if pace.calm else 12))
        requests = max(1, -(-round(rows) // 50))
        pace.learn(round(news * pace.seconds), requests, requests * cost, pace.seconds)
    return pace


def test_a_feed_that_has_time_looks_as_often_as_its_spec_says() -> None:
    pace = looks(along_the_cursor(), news=2, cost=0.1)
    assert (pace.seconds, pace.calm) == (5.0, False)


def test_a_feed_whose_looks_take_long_looks_less_often() -> None:
    pace = looks(along_the_cursor(), news=12, cost=0.9)
    assert 5.0 < pace.seconds <= 10.0
    assert not pace.calm


def test_where_reading_the_tail_again_does_not_fit_it_is_not_read_and_looks_stay_frequent() -> None:
    pace = looks(along_the_cursor(), news=29, cost=0.9)
    assert (pace.seconds, pace.calm) == (5.0, True)


def test_it_comes_back_to_the_present_when_the_pressure_is_over() -> None:
    pace = looks(along_the_cursor(Recent(29, 0.9)), news=29, cost=0.05)
    assert (pace.seconds, pace.calm) == (5.0, False)


def test_a_new_shift_begins_as_the_last_minutes_demand() -> None:
    assert along_the_cursor(Recent(29, 0.9)).calm
    assert not along_the_cursor(Recent(2, 0.1)).calm
    assert not along_the_cursor().calm


def test_windows_are_never_cut_short_and_never_looked_for_less_often_than_every_twenty_seconds() -> None:
    pace = by_windows(Recent(29, 3.0))
    assert (pace.seconds, pace.calm) == (LONGEST_SECONDS, False)


def test_what_a_plan_in_pieces_brings_counts_for_the_time_it_ended() -> None:
    """A plan of 20 pages ends no second of the source's life; the one that goes on with it ends them all."""
    pieces, whole = along_the_cursor(), along_the_cursor()
    pieces.learn(100, 4, 4.0, None)
    pieces.learn(45, 1, 1.0, 5.0)
    whole.learn(145, 5, 5.0, 5.0)
    assert (pieces.seconds, pieces.calm) == pytest.approx((whole.seconds, whole.calm))
