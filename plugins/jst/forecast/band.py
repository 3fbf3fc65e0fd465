"""How far a published forecast may be off, in three parts that add up honestly over any set of shops and hours.

Each part is as wide as scored days needed it to be: with it, and with the parts before it, four of five of them lay
within the band. A mean of squares would be ruled by the few largest errors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, sqrt
from statistics import fmean

from jst.forecast.candidate import LEAST_SCORED_DAYS, SCORED_DAYS, TOTAL, Candidate
from jst.forecast.history import HOURS, Amounts

GUESSED = 0.15
"""Error of a day and of an hour before a week was scored."""
HELD, DEVIATIONS = 0.8, 1.2816
"""The band holds this share of what comes, and is so many deviations wide to either side (forecast_low_amount.sql)."""
BLOCK_HOURS = 6
"""Hours that are measured together: nights scatter otherwise than evenings, and one hour has too few days."""


@dataclass(frozen=True, slots=True)
class Band:
    """``day``: what all hours and shops of a day share, as a part of the amount; ``hours``: what the shops of each of
    the 24 hours share; ``own``: by series, the variance a yuan of its forecast brings with it. ``days``: scored days
    behind it."""

    day: float
    hours: Amounts
    own: Mapping[str, float]
    days: int

    def own_of(self, series: str) -> float:
        """Return a series' own; of one without scored days the mean of the others."""
        return self.own.get(series) or (fmean(self.own.values()) if self.own else 0.0)


GUESS = Band(GUESSED, (GUESSED,) * HOURS, {}, 0)


def measured(before: Iterable[Candidate]) -> Band:
    """Measure it on what was published for the newest of the ordinary days ``before`` that are scored."""
    scored = [each for each in before if each.actual is not None]
    totals = {each.day: each for each in scored if each.series == TOTAL and sum(each.amounts) > 0}
    totals = {day: totals[day] for day in sorted(totals)[-SCORED_DAYS:]}
    if len(totals) < LEAST_SCORED_DAYS:
        return GUESS
    series: dict[str, list[Candidate]] = defaultdict(list)
    for each in scored:
        if each.day in totals and each.series != TOTAL:
            series[each.series].append(each)
    own = {name: _own(days, totals) for name, days in series.items()}
    known = {day: [0.0] * HOURS for day in totals}
    for name, days in series.items():
        for each in days:
            for hour, said in enumerate(each.amounts):
                known[each.day][hour] += own[name] * said
    hours = tuple(
        _held(
            _lacking(was - said * _ratio(total), known[day][hour]) / said
            for day, total in totals.items()
            for hour, (was, said) in enumerate(_hours(total))
            if hour // BLOCK_HOURS == block and said > 0
        )
        for block in range(HOURS // BLOCK_HOURS)
        for _ in range(BLOCK_HOURS)
    )
    needed = []
    for day, total in totals.items():
        evens_out = sum((part * said) ** 2 for part, said in zip(hours, total.amounts, strict=True))
        off = sum(total.actual or ()) - sum(total.amounts)
        needed.append(_lacking(off, sum(known[day]) + evens_out) / sum(total.amounts))
    return Band(_held(needed), hours, own, len(totals))


def _own(days: Sequence[Candidate], totals: Mapping[date, Candidate]) -> float:
    """Variance by yuan, without what the shops of the hour share. Hours of a day that are off the same way count as
    such: the larger of what single hours and what days say."""
    by_hour, by_day = list[float](), list[float]()
    for each in days:
        shared = (was / said if said > 0 else 1.0 for was, said in _hours(totals[each.day]))
        left = [was - said * ratio for (was, said), ratio in zip(_hours(each), shared, strict=True)]
        by_hour += [off * off / said for off, said in zip(left, each.amounts, strict=True) if said > 0]
        by_day += [sum(left) ** 2 / whole for whole in (sum(each.amounts),) if whole > 0]
    return max(_held(by_hour), _held(by_day)) / DEVIATIONS**2


def _lacking(off: float, variance: float) -> float:
    """Return the deviation that must be added to a ``variance`` for the band to reach what was ``off`` by so much."""
    return sqrt(max(0.0, (off / DEVIATIONS) ** 2 - variance))


def _held(needed: Iterable[float]) -> float:
    """Return what was enough for four of five, and so will be for one more like them; 0 without any."""
    ranked = sorted(needed)
    return ranked[min(len(ranked), ceil((len(ranked) + 1) * HELD)) - 1] if ranked else 0.0


def _ratio(total: Candidate) -> float:
    return sum(total.actual or ()) / sum(total.amounts)


def _hours(candidate: Candidate) -> list[tuple[float, float]]:
    return list(zip(candidate.actual or (), candidate.amounts, strict=True))
