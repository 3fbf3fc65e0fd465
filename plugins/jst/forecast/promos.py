"""Days unlike others: ``include/config/promos.yaml`` and the holidays become a factor for a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jst.forecast import feasts
from jst.model.module import INCLUDE, read_facts

Kind = Literal["promo", "lead", "tail", "holiday"]


@dataclass(frozen=True, slots=True)
class PromoDay:
    """A day unlike others. ``factor``: how many times an ordinary day is expected; ``place``: days from the promo day
    (lead below 0, tail above), or how many days of the holiday's break lie before."""

    name: str
    kind: Kind
    factor: float
    place: int = 0

    def is_like(self, other: PromoDay | None) -> bool:
        """Say whether it is the same occasion in another year."""
        return other is not None and (self.name, self.kind, self.place) == (other.name, other.kind, other.place)


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    day: str
    factor: float
    lead: tuple[int, float]
    tail: tuple[int, float]

    def hits(self, day: date) -> Iterator[PromoDay]:
        """Yield what the day is by this rule."""
        for place in range(-self.tail[0], self.lead[0] + 1):
            if not f"{day + timedelta(days=place):%F}".endswith(self.day):
                continue
            kind: Kind = "lead" if place > 0 else "tail" if place < 0 else "promo"
            factor = {"lead": self.lead[1], "tail": self.tail[1]}.get(kind, self.factor)
            yield PromoDay(self.name, kind, factor, -place)


class Promos:
    """What is expected of days. ``holiday``: names the holiday a day belongs to; ``is_off``: whether people are off."""

    def __init__(
        self,
        facts: dict[str, Any],
        holiday: Callable[[date], str] = feasts.holiday,
        is_off: Callable[[date], bool] = feasts.is_off,
    ) -> None:
        self._rules = [
            _Rule(each["name"], each["day"], each["factor"], _beside(each, "lead"), _beside(each, "tail"))
            for each in facts["promos"]
        ]
        self._holidays = {each["name"]: float(each["factor"]) for each in facts["holidays"]}
        self._holiday, self.is_off = holiday, is_off

    def of(self, day: date) -> PromoDay | None:
        """Return what makes the day unlike others, None for an ordinary one. A promo day stands above a lead, a lead
        above a tail, and a holiday below them; of two of a kind the larger counts."""
        found = [hit for rule in self._rules for hit in rule.hits(day)]
        if found:
            return max(found, key=lambda hit: (("tail", "lead", "promo").index(hit.kind), hit.factor))
        if name := self._holiday(day):
            before = 0
            while self._holiday(day - timedelta(days=before + 1)) == name:
                before += 1
            return PromoDay(name, "holiday", self._holidays.get(name, 1.0), before)
        return None

    def same_last_year(self, day: date) -> date | None:
        """Return the day of the same occasion a year before; None for ordinary days and where there was none. Holidays
        of the moon move by weeks."""
        promo = self.of(day)
        if promo is None:
            return None
        for apart in sorted(range(330, 401), key=lambda days: abs(days - 365)):
            other = day - timedelta(days=apart)
            if promo.is_like(self.of(other)):
                return other
        return None


def _beside(facts: dict[str, Any], which: str) -> tuple[int, float]:
    about = facts.get(which, {"days": 0, "factor": 1.0})
    return about["days"], float(about["factor"])


@cache
def load_promos(path: Path = INCLUDE / "config" / "promos.yaml") -> Promos:
    """Read promos.yaml. Raises Misconfigured naming the key that is wrong."""
    return Promos(read_facts(path, INCLUDE / "config" / "promos.schema.json", "大促文件"))
