"""When a stock will be 0: to the day and to the hour."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from jst.clock import SHANGHAI
from jst.replenishment.run_out import DayShape, days_until_empty, run_out_at

EVEN = np.ones(181)
NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)
EVENING = DayShape(workday=(0.0,) * 20 + (0.25,) * 4)


@pytest.mark.parametrize(
    ("available", "daily", "days"),
    [(0, 5, 0.0), (-3, 5, 0.0), (10, 5, 2.0), (12, 5, 2.4), (1, 0, None), (906, 5, None)],
)
def test_so_many_days(available: float, daily: float, days: float | None) -> None:
    assert days_until_empty(available, daily, EVEN) == (None if days is None else pytest.approx(days))


def test_a_promo_day_ahead_shortens_it() -> None:
    weights = EVEN.copy()
    weights[1] = 4.0
    assert days_until_empty(15, 5, weights) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("available", "shape", "hours"),
    [
        (5, DayShape(), 12.0),  # ten a day: half a day
        (10, DayShape(), 24.0),
        (5, EVENING, 10.0),  # nothing is sold before eight in the evening
        (10, DayShape(forecast_of=NOON.date(), forecast=(0.0,) * 12 + (0.5, 0.5) + (0.0,) * 10), 2.0),
        (0, DayShape(), 0.0),
    ],
)
def test_to_the_hour_by_the_shape_of_the_day(available: float, shape: DayShape, hours: float) -> None:
    at = run_out_at(available, 10, EVEN, shape, NOON)
    assert at is not None
    assert (at - NOON).total_seconds() / 3600 == pytest.approx(hours)


def test_what_does_not_sell_does_not_run_out() -> None:
    assert run_out_at(5, 0, EVEN, DayShape(), NOON) is None
