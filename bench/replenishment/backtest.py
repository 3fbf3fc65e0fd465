"""How near methods come to what was then sold in two weeks: naive ones, those of the field, and the plan's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from statistics import NormalDist, pstdev

from bench.replenishment.company import Company, KnownPromos
from bench.replenishment.rules import history_of
from bench.replenishment.simulation import Lead, opened
from jst.replenishment.experience import Experience, calendar_of
from jst.replenishment.terms import SkuState

AHEAD_DAYS, EVERY_DAYS, LEVEL = 14, 14, 0.95
_SMOOTHING = 0.1
Method = Callable[[Sequence[float]], float]


def naive(sold: Sequence[float]) -> float:
    """Expect as much a day as in the two weeks before."""
    return sum(sold[-AHEAD_DAYS:]) / AHEAD_DAYS


def smoothed(sold: Sequence[float]) -> float:
    """Smooth days exponentially."""
    level = sum(sold[:AHEAD_DAYS]) / AHEAD_DAYS
    for each in sold[AHEAD_DAYS:]:
        level += _SMOOTHING * (each - level)
    return level


def croston(sold: Sequence[float], bias: float = 1.0) -> float:
    """Divide the smoothed size of the days with a sale by the smoothed days between them."""
    sizes = [each for each in sold if each > 0]
    if not sizes:
        return 0.0
    size, gap, since = sizes[0], len(sold) / len(sizes), 1
    for each in sold:
        if each > 0:
            size += _SMOOTHING * (each - size)
            gap += _SMOOTHING * (since - gap)
            since = 1
        else:
            since += 1
    return bias * size / gap


def sba(sold: Sequence[float]) -> float:
    """Take the bias out of Croston's method (Syntetos and Boylan)."""
    return croston(sold, 1 - _SMOOTHING / 2)


def tsb(sold: Sequence[float]) -> float:
    """Multiply the smoothed chance of a sale and the smoothed size (Teunter, Syntetos and Babai)."""
    sizes = [each for each in sold if each > 0]
    if not sizes:
        return 0.0
    chance, size = len(sizes) / len(sold), sizes[0]
    for each in sold:
        chance += _SMOOTHING * ((each > 0) - chance)
        size += _SMOOTHING * (each - size) if each > 0 else 0
    return chance * size


METHODS: Mapping[str, Method] = {"naive": naive, "SES": smoothed, "Croston": croston, "SBA": sba, "TSB": tsb}
OURS, NORMAL = "plan", "normal"


def compare(company: Company, history: int) -> dict[str, dict[str, tuple[int, float]]]:
    """Return by pattern and method: cases, and their absolute error as a share of what was sold; under 'plan 95 %' and
    'normal 95 %' (mean and 1.64 deviations of days) the share of cases in which that was enough."""
    shelves = opened(company, len(company.wanted), Lead(7, 7))
    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0, 0.0, 0.0]))
    states = [SkuState(*place, 0) for place in company.shares]
    for place in range(history, len(company.wanted) - AHEAD_DAYS + 1, EVERY_DAYS):
        today = company.first + timedelta(days=place)
        histories = {at: history_of(shelf.until(place), today) for at, shelf in shelves.items()}
        calendar = calendar_of(histories, KnownPromos())
        experience, span = Experience(states, histories, calendar), calendar.span(today, AHEAD_DAYS)
        for state in states:
            sold = histories[state.place].sold
            then = sum(shelves[state.place].sold[place : place + AHEAD_DAYS])
            demand = experience.demand(state)
            said = {name: method(sold) * AHEAD_DAYS for name, method in METHODS.items()}
            of_pattern = sums[demand.pattern]
            for name, pieces in {**said, OURS: demand.daily * span}.items():
                _add(of_pattern[name], abs(pieces - then), then)
            enough = said["naive"] + NormalDist().inv_cdf(LEVEL) * pstdev(sold) * AHEAD_DAYS**0.5
            _add(of_pattern[f"{OURS} 95 %"], demand.enough_for([span], LEVEL) >= then, 1)
            _add(of_pattern[f"{NORMAL} 95 %"], enough >= then, 1)
    return {
        pattern: {name: (round(cases), value / of if of else 0.0) for name, (cases, value, of) in methods.items()}
        for pattern, methods in sums.items()
    }


def _add(sums: list[float], value: float, of: float) -> None:
    for place, each in enumerate((1, value, of)):
        sums[place] += each
