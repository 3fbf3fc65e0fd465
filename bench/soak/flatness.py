"""Whether something that is looked at every minute grows; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, median

from bench.instruments.percentile import percentile

LONGEST_WINDOW = 1200.0
"""Seconds at the beginning and at the end whose medians are compared; of a short period a sixth."""


class Verdict(StrEnum):
    FLAT = "平"
    SETTLED = "先升后平"
    GROWS = "增长"


@dataclass(frozen=True, slots=True)
class Noise:
    """What may differ though nothing grows: the larger of a share of the beginning, a floor in units, and how far the
    looks of the first window lie apart by themselves."""

    share: float
    floor: float

    def of(self, window: Sequence[float]) -> float:
        """Return it for the values of the first window. A steady leak never hides in it: what it adds within a sixth
        of the period is less than what it adds to the rest."""
        spread = percentile(window, 0.9) - percentile(window, 0.1)
        return max(self.share * median(window), self.floor, spread)


@dataclass(frozen=True, slots=True)
class Course:
    """Medians of the first and the last window, the slope of all looks per hour, and what it is."""

    first: float
    last: float
    per_hour: float
    verdict: Verdict


def course(looks: Sequence[tuple[float, float]], noise: Noise) -> Course:
    """Judge looks (seconds, value), oldest first, of which there must be two at different times.

    It grows when the end lies above the beginning by more than the noise, above the middle by more than half of it, and
    the slope of all looks says the same; what has only risen in the first half is settled: caches that fill up do that.
    """
    begin, end = looks[0][0], looks[-1][0]
    window = min(LONGEST_WINDOW, (end - begin) / 6)
    middle = (begin + end) / 2
    before = [value for at, value in looks if at <= begin + window]
    between = [value for at, value in looks if abs(at - middle) <= window / 2] or before
    after = [value for at, value in looks if at >= end - window]
    allowed, last, rise = noise.of(before), median(after), slope(looks)
    if last - median(before) <= allowed or rise * (end - begin) <= allowed / 2:
        verdict = Verdict.FLAT
    else:
        verdict = Verdict.GROWS if last - median(between) > allowed / 2 else Verdict.SETTLED
    return Course(median(before), last, rise * 3600, verdict)


def slope(looks: Sequence[tuple[float, float]]) -> float:
    """Return the least squares slope in units per second."""
    at_mean, mean = fmean(at for at, _ in looks), fmean(value for _, value in looks)
    spread = sum((at - at_mean) ** 2 for at, _ in looks)
    return sum((at - at_mean) * (value - mean) for at, value in looks) / spread
