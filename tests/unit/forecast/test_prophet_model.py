"""Prophet as it is used here: fitted to days whose course is known."""

from __future__ import annotations

import logging
from datetime import date

import pytest

from jst.forecast.history import Amounts, Series
from jst.forecast.prophet_model import prophet_model
from tests.support.sold_days import DAY, NO_PROMOS

pytest.importorskip("prophet", reason="an extra of the package")
FIRST, TODAY = date(2026, 1, 5), date(2026, 3, 2)


def sold(day: date) -> Amounts:
    """Workdays at noon, weekends in the evening and half as much again; twice as much in the last two weeks."""
    level = 2_000.0 if day >= TODAY - 14 * DAY else 1_000.0
    busy = range(18, 23) if day.weekday() >= 5 else range(9, 15)
    return tuple(level * (1.5 if day.weekday() >= 5 else 1.0) * (3.0 if hour in busy else 1.0) for hour in range(24))


def series(first: date = FIRST) -> Series:
    days = {first + n * DAY: sold(first + n * DAY) for n in range((TODAY - first).days)}
    return Series(days, NO_PROMOS.of, NO_PROMOS.is_off)


def test_it_knows_workdays_from_days_off_and_the_level_of_now(caplog: pytest.LogCaptureFixture) -> None:
    model = prophet_model()
    assert model is not None
    with caplog.at_level(logging.INFO):
        monday, saturday = model(series(), TODAY), model(series(), TODAY + 5 * DAY)
    assert monday is not None
    assert saturday is not None
    assert sum(monday) == pytest.approx(sum(sold(TODAY)), rel=0.05)
    assert sum(saturday) == pytest.approx(sum(sold(TODAY + 5 * DAY)), rel=0.05)
    assert sum(monday[9:15]) > 3 * sum(monday[18:23])
    assert sum(saturday[18:23]) > 2 * sum(saturday[9:15])
    assert caplog.records == []


def test_it_says_nothing_of_less_than_two_weeks() -> None:
    model = prophet_model()
    assert model is not None
    assert model(series(TODAY - 13 * DAY), TODAY) is None
