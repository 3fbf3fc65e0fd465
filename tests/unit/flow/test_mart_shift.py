"""A shift of the marts goes on while there is something to refresh, however slow the machine."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from jst.clock import SystemClock
from jst.flow.mart_refresh import MartRefresh

TODAY = date(2026, 11, 30)


class WorkClock(SystemClock):
    """Time passes only by sleeping, and by work that says how long it took."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


class SlowRounds(MartRefresh):
    """Each round takes ``seconds`` and refreshes two days, until none is left."""

    def __init__(self, days: int, seconds: float) -> None:
        nothing: Any = SimpleNamespace(troubles=None)
        self.clock, self.seconds = WorkClock(), seconds
        self.left = [TODAY - timedelta(days=back) for back in range(days)]
        marts: Any = SimpleNamespace(
            waiting=lambda: dict.fromkeys(self.left), longest_wait=lambda: self.clock.passed if self.left else 0.0
        )
        super().__init__(marts, nothing, nothing, nothing, self.clock)

    def round(self) -> dict[date, int]:
        written, self.left = self.left[:2], self.left[2:]
        self.clock.passed += self.seconds if written else 0
        return dict.fromkeys(written, 100)


def test_a_slow_round_and_its_rest_do_not_end_the_shift_with_days_waiting() -> None:
    marts = SlowRounds(days=8, seconds=10)
    assert marts.shift() == {"days": 8, "rows": 800}
    assert marts.clock.passed < 300


def test_a_shift_ends_half_a_minute_after_the_last_news() -> None:
    marts = SlowRounds(days=2, seconds=1)
    assert marts.shift() == {"days": 2, "rows": 200}
    assert marts.clock.passed == 1 + 5 + 30


def test_a_month_that_was_just_loaded_is_there_before_it_is_late_though_the_machine_is_busy() -> None:
    marts = SlowRounds(days=28, seconds=10)
    while marts.left:
        marts.shift()
    assert marts.clock.passed < 500
