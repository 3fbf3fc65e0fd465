"""What each method said at a midnight and what came of it; which of them is published."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from jst.forecast.history import Amounts

Method = Literal["prophet", "day_total", "profile", "last_week", "recent", "published"]
BASELINES: tuple[Method, ...] = ("profile", "last_week")
CHALLENGERS: tuple[Method, ...] = ("prophet", "day_total")
PUBLISHED: Method = "published"
TOTAL, REST = "total", "rest"
SCORED_DAYS, LEAST_SCORED_DAYS = 14, 7
MUST_BEAT = 0.98
"""A challenger is published where its error is at most so much of the better baseline's."""


def name_of(shop_id: int) -> str:
    """Return the name of a shop's series."""
    return f"shop:{shop_id}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One method's day of one series. ``chosen``: of what is published, the method it is by; ``data_until``: nothing
    later was used; ``is_incomplete``: something before the midnight was missing; ``is_backtest``: computed afterwards,
    from what lies before the midnight; ``actual``: None before the day is complete."""

    day: date
    series: str
    method: Method
    amounts: Amounts
    data_until: datetime
    is_incomplete: bool = False
    is_backtest: bool = False
    chosen: str = ""
    actual: Amounts | None = None

    @property
    def error(self) -> float:
        """Return the yuan it was wrong by, hour by hour."""
        return sum(abs(was - said) for was, said in zip(self.actual or (), self.amounts, strict=True))


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """What is published of a series. ``gain``: by which part its error is smaller than the better baseline's over
    ``days`` scored days; 0 where a baseline is published."""

    method: Method
    gain: float
    days: int


def wape(candidates: Iterable[Candidate]) -> float | None:
    """Return the errors as a part of what was shipped; None where nothing was."""
    scored = [each for each in candidates if each.actual is not None]
    shipped = sum(sum(each.actual or ()) for each in scored)
    return sum(each.error for each in scored) / shipped if shipped > 0 else None


def choose(
    scored: Collection[Candidate], able: Collection[Method], is_ordinary: Callable[[date], bool]
) -> MethodChoice | None:
    """Choose among the methods that are ``able`` to say something of the day, by the newest scored days of the series
    that all of them have; None where none is able. PromoDay days do not count: one of them weighs like four days, and
    what is known of it is the same for every method."""
    baselines = [method for method in BASELINES if method in able]
    challengers = [method for method in CHALLENGERS if method in able]
    by_method = _by_method(scored, [*baselines, *challengers], is_ordinary)
    known = {method: error for method in by_method if (error := wape(by_method[method])) is not None}
    days = len(next(iter(by_method.values()), ()))
    if not baselines:
        return MethodChoice("recent", 0.0, days) if "recent" in able else None
    baseline = min(baselines, key=lambda method: known.get(method, 0.0)) if known else baselines[0]
    if challengers and days >= LEAST_SCORED_DAYS and known.get(baseline):
        challenger = min(challengers, key=lambda method: known.get(method, float("inf")))
        if known[challenger] <= MUST_BEAT * known[baseline]:
            return MethodChoice(challenger, 1 - known[challenger] / known[baseline], days)
    return MethodChoice(baseline, 0.0, days)


def _by_method(
    scored: Collection[Candidate], methods: Sequence[Method], is_ordinary: Callable[[date], bool]
) -> Mapping[Method, list[Candidate]]:
    found = {method: {each.day: each for each in scored if each.method == method and each.actual} for method in methods}
    common = set.intersection(*({*days} for days in found.values())) if found else set()
    newest = sorted(filter(is_ordinary, common))[-SCORED_DAYS:]
    return {method: [found[method][day] for day in newest] for method in methods}
