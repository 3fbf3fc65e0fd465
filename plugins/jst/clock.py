"""Time and sleep as a value that is passed in: tests do not wait, and no code reads the machine's clock by accident."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = range(2, 6)
"""Hours of Shanghai for what reads everything there is."""


class Clock(Protocol):
    """Time of day, elapsed time and sleep."""

    def now(self) -> datetime:
        """Return the time of day, aware, in Asia/Shanghai."""

    def monotonic(self) -> float:
        """Return seconds; only differences mean something."""

    def sleep(self, seconds: float) -> None:
        """Wait ``seconds``."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time of day, aware, in Asia/Shanghai."""
        return datetime.now(SHANGHAI)

    def monotonic(self) -> float:
        """Return seconds; only differences mean something."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait ``seconds``; a negative number is no wait."""
        time.sleep(max(0.0, seconds))


def is_night(moment: datetime) -> bool:
    """Say whether a moment lies in the hours for what reads everything there is."""
    return moment.astimezone(SHANGHAI).hour in NIGHT


def about_minutes(minutes: float) -> str:
    """Say how long something will take, as precisely as an estimate is: 不到 1 分钟 · 约 3 分钟 · 约 2.5 小时."""
    if minutes < 1:
        return "不到 1 分钟"
    return f"约 {minutes:.0f} 分钟" if minutes < 100 else f"约 {minutes / 60:.1f} 小时"
