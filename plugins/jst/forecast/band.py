"""How far a published forecast may be off, in three parts that add up honestly over any set of shops and hours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import fmean

from jst.forecast.candidate import LEAST_SCORED_DAYS, SCORED_DAYS, TOTAL, Candidate
from jst.forecast.history import Amounts

GUESSED = 0.15
"""Error of a day and of an hour before a week was scored."""


@dataclass(frozen=True, slots=True)
class Band:
    """``day``: what all hours and shops of a day share, as a part of the amount; ``hour``: what the shops of an hour
    share; ``own``: by series, the variance a yuan of its forecast brings with it. ``days``: scored days behind it."""

    day: float
    hour: float
    own: Mapping[str, float]
    days: int

    def own_of(self, series: str) -> float:
        """Return a series' own; of one without scored days the mean of the others."""
        return self.own.get(series) or (fmean(self.own.values()) if self.own else 0.0)


def measured(published: Collection[Candidate], ordinary: Collection[date]) -> Band:
    """Measure it on what was published for the newest scored days that are ``ordinary``."""
    scored = [each for each in published if each.actual is not None and each.day in ordinary]
    days = sorted({each.day for each in scored if each.series == TOTAL})[-SCORED_DAYS:]
    totals = {each.day: each for each in scored if each.series == TOTAL and sum(each.amounts) > 0}
    ratios = {day: sum(totals[day].actual or ()) / sum(totals[day].amounts) for day in days if day in totals}
    if len(ratios) < LEAST_SCORED_DAYS:
        return Band(GUESSED, GUESSED, {}, 0)
    off, whole = 0.0, 0.0
    for day, ratio in ratios.items():
        off += sum((was - said * ratio) ** 2 for was, said in _hours(totals[day]))
        whole += sum((said * ratio) ** 2 for _, said in _hours(totals[day]))
    own = {
        name: _own([each for each in scored if each.series == name and each.day in ratios], totals)
        for name in {each.series for each in scored} - {TOTAL}
    }
    shared = sqrt(fmean((ratio - 1) ** 2 for ratio in ratios.values()))
    return Band(shared, sqrt(off / whole) if whole else GUESSED, own, len(ratios))


def _own(days: Collection[Candidate], totals: Mapping[date, Candidate]) -> float:
    """Variance by yuan, without what the shops of the hour share. Hours of a day that are off the same way count as
    such: the larger of what single hours and what days say."""
    by_hour, by_day, whole = 0.0, 0.0, 0.0
    for each in days:
        shared = _ratios(totals[each.day])
        left = [was - said * ratio for (was, said), ratio in zip(_hours(each), shared, strict=True)]
        by_hour += sum(one * one for one in left)
        by_day += sum(left) ** 2
        whole += sum(each.amounts)
    return max(by_hour, by_day) / whole if whole > 0 else 0.0


def _ratios(total: Candidate) -> Amounts:
    return tuple(was / said if said > 0 else 1.0 for was, said in _hours(total))


def _hours(candidate: Candidate) -> list[tuple[float, float]]:
    return list(zip(candidate.actual or (), candidate.amounts, strict=True))
