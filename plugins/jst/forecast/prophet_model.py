"""Prophet, the way that beats last week here. Only the task that forecasts imports it: it costs a second and 100 MB."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date
from math import expm1, log1p
from typing import Any

from jst.forecast.history import HOURS, Amounts, Series

LEAST_DAYS, MOST_DAYS = 14, 56
"""Ordinary days it is fitted to: with fewer it loses to last week, with more it costs more and says the same."""
LEVEL_DAYS = 14
Model = Callable[[Series, date], Amounts | None]


def prophet_model() -> Model | None:
    """Return Prophet as a model of a series; None where it is not installed."""
    logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)  # a tool for drawing is not there
    try:
        import prophet
    except ImportError:
        return None
    logging.getLogger("cmdstanpy").setLevel(logging.WARNING)  # two lines for every fit; it sets its level when imported
    return lambda series, day: _forecast(prophet.Prophet, series, day)


def _forecast(prophet: Any, series: Series, day: date) -> Amounts | None:
    """Fit the ordinary days before ``day`` and return that day; None with fewer than two weeks of them.

    It learns the shape of the week, in logarithms: there a rise in percent counts the same by day and by night. The
    level is what the last two weeks were; trends that Prophet drew through single days were wrong more often than that.
    """
    days = series.ordinary[-MOST_DAYS:]
    if len(days) < LEAST_DAYS or not any(series.totals[other] for other in days):
        return None
    model = prophet(
        growth="flat", daily_seasonality=False, weekly_seasonality=False, yearly_seasonality=False,
        uncertainty_samples=0,
    )  # fmt: skip
    model.add_seasonality("worked", period=1, fourier_order=8, condition_name="worked")
    model.add_seasonality("off", period=1, fourier_order=8, condition_name="off")
    model.add_seasonality("week", period=7, fourier_order=3)
    known = [log1p(max(0.0, amount)) for other in days for amount in series.days[other]]
    model.fit(_hours(series, days).assign(y=known))
    newest = days[-LEVEL_DAYS:]
    said = [max(0.0, expm1(each)) for each in model.predict(_hours(series, [*newest, day]))["yhat"]]
    fitted = sum(said[:-HOURS])
    level = sum(series.totals[other] for other in newest) / fitted if fitted > 0 else 1.0
    return tuple(each * level for each in said[-HOURS:])


def _hours(series: Series, days: Sequence[date]) -> Any:
    """Return the hours of days, worked or off, as Prophet's frame."""
    import pandas as pd

    off = [series.is_off(day) for day in days for _ in range(HOURS)]
    starts = pd.to_datetime(list(days)).repeat(HOURS)
    hours = pd.to_timedelta(list(range(HOURS)) * len(days), unit="h")
    return pd.DataFrame({"ds": starts + hours, "off": off, "worked": [not each for each in off]})
