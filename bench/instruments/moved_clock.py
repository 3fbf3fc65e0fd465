"""A clock that a test moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from jst.clock import SHANGHAI


class MovedClock:
    """The time of day, and seconds that pass when a test says so."""

    def __init__(self, now: datetime | None = None) -> None:
        self.passed = 0.0
        self._now = now or datetime.now(SHANGHAI)

    def now(self) -> datetime:
        return self._now + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return 1_000.0 + self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
