"""Whose clock is believed: a window may never be called closed before it is."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest

from jst.clock import SHANGHAI
from jst.flow.reading.source_clock import SourceClock
from jst.model.module import load_module

NOW = datetime(2026, 3, 1, 12, 0, 30, 500_000, tzinfo=SHANGHAI)


class Frozen:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.mark.parametrize(
    ("date", "closed"),
    [
        (NOW.replace(microsecond=0), "12:00:28"),
        (NOW - timedelta(hours=1), "11:00:28"),
        (NOW + timedelta(hours=1), "11:59:28"),
        (None, "11:59:28"),
    ],
    ids=["same", "source_behind", "one_node_ahead", "no_date"],
)
def test_the_closed_end_follows_the_source_but_never_into_the_future(date: datetime | None, closed: str) -> None:
    present = SourceClock(load_module("sale_out"), None, Frozen())  # type: ignore[arg-type]  # nobody is asked
    present.note_server_time(date)
    assert f"{present.closed_end():%H:%M:%S}" == closed


def test_the_source_time_goes_on_between_answers() -> None:
    clock = Frozen()
    present = SourceClock(load_module("sale_out"), None, clock)  # type: ignore[arg-type]
    present.note_server_time(NOW)
    clock.sleep(10)
    assert f"{present.closed_end():%H:%M:%S}" == "12:00:38"


def test_an_incredible_date_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    present = SourceClock(load_module("sale_out"), None, Frozen())  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING):
        present.note_server_time(None)
        present.note_server_time(None)
    assert len(caplog.records) == 1
