"""The honest baselines: what a person would say who looks at the last weeks. Statistics in plain numbers of yuan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import fmean, median

from jst.forecast.history import HOURS, Amounts, Series

WEEK = 7
SAME_DAYS, LEVEL_DAYS, RECENT_DAYS = 4, 7, 28
_AROUND = timedelta(days=3)


def last_week(series: Series, day: date) -> Amounts | None:
    """Return the same day of last week, or of the newest week in which it was a day like others; None without one."""
    found = series.alike(day, 1)
    return series.days[found[0]] if found else None


def profile(series: Series, day: date) -> Amounts | None:
    """Return the median shape of up to four same weekdays at the median level of the last seven ordinary days; None
    with less than a week of them."""
    same, recent = series.alike(day, SAME_DAYS), series.ordinary[-LEVEL_DAYS:]
    if not same or len(recent) < LEVEL_DAYS:
        return None
    level = median(series.totals[other] for other in recent)
    return spread(level * _weekday_factor(series, same), _shape([series.days[other] for other in same]))


def recent(series: Series, day: date) -> Amounts | None:
    """Return the mean of the last week's complete days, of the same kind (worked or off) where there are some: for the
    first days of a company's data. None when there is no day at all."""
    days = (series.ordinary or tuple(sorted(series.days)))[-WEEK:]
    alike = [other for other in days if series.is_off(other) == series.is_off(day)]
    chosen = [series.days[other] for other in alike or days]
    return tuple(map(fmean, zip(*chosen, strict=True))) if chosen else None


def day_total(series: Series, platform: Series, day: date) -> Amounts | None:
    """Return what a small shop sells in a day, spread like its platform's hours: its own hours are mostly luck. None
    with less than two weeks."""
    days = [other for other in series.ordinary if other in platform.totals][-RECENT_DAYS:]
    if len(days) < 2 * WEEK:
        return None
    usual = fmean(platform.totals[other] for other in days)
    same = [other for other in days if series.pattern(other) == series.pattern(day)]
    if not same or usual <= 0:
        return None
    factor = fmean(platform.totals[other] for other in same) / usual
    like = [platform.days[other] for other in days if series.is_off(other) == series.is_off(day)]
    total = fmean(series.totals[other] for other in days) * factor
    return spread(total, tuple(map(sum, zip(*like, strict=True))))


def spread(total: float, shape: Amounts) -> Amounts:
    """Spread a day's total over its hours as ``shape`` says; evenly where that is empty."""
    whole = sum(shape)
    return tuple(total * part / whole if whole > 0 else total / HOURS for part in shape)


def _weekday_factor(series: Series, same: Sequence[date]) -> float:
    """How busy this weekday is against the week around it: the median of up to four of them."""
    return median(series.totals[other] / (median(_week_around(series, other)) or 1.0) for other in same)


def _week_around(series: Series, day: date) -> list[float]:
    return [series.totals[other] for other in series.ordinary if day - _AROUND <= other <= day + _AROUND]


def _shape(days: Sequence[Amounts]) -> Amounts:
    shares = [[amount / whole for amount in amounts] for amounts in days if (whole := sum(amounts)) > 0]
    return tuple(map(median, zip(*shares, strict=True))) if shares else (0.0,) * HOURS
