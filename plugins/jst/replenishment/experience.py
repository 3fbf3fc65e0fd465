"""What all SKUs of a company have in common, and what that says of those that have hardly been sold yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Protocol

import numpy as np

from jst.replenishment.demand import LARGEST_LINE, Demand, Floats, Seen, look
from jst.replenishment.terms import Histories, Place, SkuState

KNOWN_DAYS = 28.0
"""Ordinary days on sale from which on a SKU stands for itself."""
LIKE_THE_OTHERS = 20.0
"""Lines that the sizes of all SKUs weigh beside a SKU's own."""
LIKE_THE_OTHERS_RETURNED = 50.0
"""Pieces that the returns of all SKUs weigh beside a SKU's own."""
MOST_RETURNED = 0.9
_LEAST_DAYS = 14
"""Days of history from which on weekdays are set apart."""
_DAY = timedelta(days=1)
EVEN_WEEK = (1.0,) * 7


class Promo(Protocol):
    """What makes a day unlike others; ``factor``: how many ordinary days it is worth."""

    @property
    def factor(self) -> float:
        """Return it."""


class PromoDays(Protocol):
    """Knows days unlike others: ``jst.forecast.promos`` in a running system."""

    def of(self, day: date) -> Promo | None:
        """Return what makes the day unlike others, None for an ordinary one."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """How many ordinary days a day is worth. ``weekdays``: from Monday on, 1.0 on average."""

    promos: PromoDays
    weekdays: tuple[float, ...] = EVEN_WEEK

    def weight(self, day: date) -> float:
        """Return what a day is worth."""
        return self.weekdays[day.weekday()] * self.factor(day)

    def factor(self, day: date) -> float:
        """Return what a day is worth, its weekday left aside."""
        promo = self.promos.of(day)
        return promo.factor if promo else 1.0

    def weights(self, first: date, days: int) -> Floats:
        """Return what days in a row are worth."""
        return np.array([self.weight(first + place * _DAY) for place in range(days)])

    def span(self, first: date, days: int) -> float:
        """Return how many ordinary days so many days from ``first`` on are."""
        return float(self.weights(first, days).sum())


def calendar_of(histories: Histories, promos: PromoDays) -> Calendar:
    """Learn from all histories together how weekdays differ."""
    plain = Calendar(promos)
    sold: dict[date, float] = defaultdict(float)
    for history in histories.values():
        for place, pieces in enumerate(history.sold):
            sold[history.first + place * _DAY] += pieces
    if len(sold) < _LEAST_DAYS:
        return plain
    by_weekday: dict[int, list[float]] = defaultdict(list)
    for day, pieces in sold.items():
        by_weekday[day.weekday()].append(pieces / plain.factor(day))
    means = [float(np.mean(by_weekday[weekday])) for weekday in range(7)]
    usual = float(np.mean(means))
    return Calendar(promos, tuple(mean / usual for mean in means)) if usual else plain


class Experience:
    """What was seen of all SKUs, and with it what is expected of each."""

    def __init__(self, states: Iterable[SkuState], histories: Histories, calendar: Calendar) -> None:
        weights: dict[tuple[date, int], Floats] = {}
        self._seen: dict[Place, Seen] = {}
        for place, history in histories.items():
            period = history.first, len(history.sold)
            if period not in weights:
                weights[period] = calendar.weights(*period)
            self._seen[place] = look(history, weights[period])
        self._styles: dict[tuple[str, int], list[Seen]] = defaultdict(list)
        for state in states:
            seen = self._seen.get(state.place)
            if state.i_id and seen and seen.days >= KNOWN_DAYS:
                self._styles[state.i_id, state.wms_co_id].append(seen)

    def demand(self, state: SkuState) -> Demand:
        """Return what is expected of a SKU in a warehouse."""
        seen = self._seen.get(state.place)
        if seen is None or seen.days < KNOWN_DAYS:
            known = self._styles.get((state.i_id, state.wms_co_id), []) if state.i_id else []
            if known:
                return self._settled(_filled_up(seen, known), f"新品，按同款 {len(known)} 个商品的平均补足")
        if seen is None or not seen.days:
            return Demand("无动销", 0.0, 0.0, 0.0, 0.0, self._sizes, "没有销售历史")
        return self._settled(seen, f"近 {seen.of_days} 天在售 {seen.on_sale:.0f} 天")

    def _settled(self, seen: Seen, basis: str) -> Demand:
        back = (seen.returned + self._returned * LIKE_THE_OTHERS_RETURNED) / (seen.sold + LIKE_THE_OTHERS_RETURNED)
        kept = 1 - min(MOST_RETURNED, back)
        sizes = (seen.sizes + self._sizes * LIKE_THE_OTHERS) / (seen.sizes.sum() + LIKE_THE_OTHERS)
        lines = seen.lines * kept
        pieces = lines * float(sizes @ np.arange(len(sizes))) if _is_sparse(seen) else seen.sold * kept
        return Demand(seen.pattern, pieces / seen.days, seen.days, lines, seen.variance * kept, sizes, basis)

    @cached_property
    def _sizes(self) -> Floats:
        """The chance that a line is of n pieces, over all SKUs."""
        counted = np.sum([seen.sizes for seen in self._seen.values()], axis=0) if self._seen else np.zeros(0)
        if not counted.sum():
            counted = np.bincount([1], minlength=LARGEST_LINE + 1).astype(np.float64)
        return np.asarray(counted / counted.sum(), np.float64)

    @cached_property
    def _returned(self) -> float:
        sold = sum(seen.sold for seen in self._seen.values())
        return sum(seen.returned for seen in self._seen.values()) / sold if sold else 0.0


def _is_sparse(seen: Seen) -> bool:
    return seen.pattern in ("间歇", "零散")


def _filled_up(seen: Seen | None, known: Sequence[Seen]) -> Seen:
    """Fill a SKU that is hardly known up with days of an average SKU of its style."""
    likest = known[0]
    own = seen or replace(
        likest, days=0.0, sold=0.0, lines=0.0, returned=0.0, sizes=np.zeros(LARGEST_LINE + 1), on_sale=0.0, of_days=0
    )
    lacking = KNOWN_DAYS - own.days
    daily = {
        name: float(np.mean([getattr(each, name) / each.days for each in known]))
        for name in ("sold", "lines", "returned")
    }
    return replace(
        own,
        pattern=likest.pattern if own.pattern == "无动销" else own.pattern,
        days=KNOWN_DAYS,
        sold=own.sold + daily["sold"] * lacking,
        lines=own.lines + daily["lines"] * lacking,
        returned=own.returned + daily["returned"] * lacking,
        variance=max(own.variance, float(np.mean([each.variance for each in known]))),
    )
