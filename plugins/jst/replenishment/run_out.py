"""When a stock will be 0 at its pace: day by day, and to the hour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from jst.clock import SHANGHAI
from jst.replenishment.demand import Floats

_DAY = timedelta(days=1)
EVEN_DAY = (1 / 24,) * 24


@dataclass(frozen=True, slots=True)
class DayShape:
    """Which share of a day's sales falls into each of its 24 hours, on workdays and on weekends; ``forecast``: on the
    day ``forecast_of``, which has one."""

    workday: Sequence[float] = EVEN_DAY
    weekend: Sequence[float] = EVEN_DAY
    forecast_of: date | None = None
    forecast: Sequence[float] = ()

    def of(self, day: date) -> Sequence[float]:
        """Return the shares of a day's hours."""
        if self.forecast and day == self.forecast_of:
            return self.forecast
        return self.weekend if day.weekday() >= 5 else self.workday


def days_until_empty(available: float, daily: float, weights: Floats) -> float | None:
    """Return how many days ``available`` pieces last from this morning on, with the fraction of the last; None for
    longer than the days there are ``weights`` for, and for what does not sell. ``daily``: pieces on an ordinary day;
    ``weights``: how many ordinary days each day is worth."""
    if available <= 0:
        return 0.0
    if daily <= 0:
        return None
    gone = np.cumsum(weights) * daily
    days = int(np.searchsorted(gone, available))
    if days == len(gone):
        return None
    before = float(gone[days - 1]) if days else 0.0
    return days + (available - before) / float(gone[days] - before)


def run_out_at(available: float, daily: float, weights: Floats, shape: DayShape, now: datetime) -> datetime | None:
    """Return when ``available`` pieces are gone, aware, in Asia/Shanghai; ``now`` when there are none. None as for
    ``days_until_empty``. Today counts what is left of it."""
    now = now.astimezone(SHANGHAI)
    today = now.date()
    if available <= 0 or daily <= 0:
        return now if available <= 0 else None
    past = _share_until(shape.of(today), now)
    # what today has sold already is neither in the stock nor expected any more
    lasts = days_until_empty(available + daily * float(weights[0]) * past, daily, weights)
    if lasts is None:
        return None
    days = max(0, math.ceil(lasts) - 1)  # the last piece of a day goes on that day, not at the next midnight
    day = today + days * _DAY
    return datetime.combine(day, time(), SHANGHAI) + timedelta(hours=_hour_of(shape.of(day), lasts - days))


def _share_until(shares: Sequence[float], now: datetime) -> float:
    return sum(shares[: now.hour]) + shares[now.hour] * (now.minute / 60 + now.second / 3600)


def _hour_of(shares: Sequence[float], share: float) -> float:
    """Return at which hour of the day, with its fraction, this share of it has been sold."""
    for hour, each in enumerate(shares):
        if each > 0 and share <= each:
            return hour + share / each
        share -= each
    return 24.0
