"""Histories and days as tests of replenishment need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jst.replenishment.terms import SkuHistory

FIRST = date(2026, 3, 2)
"""A Monday."""


@dataclass(frozen=True)
class Factor:
    factor: float


@dataclass(frozen=True)
class KnownDays:
    """Days unlike others and their factors."""

    factors: Mapping[date, float]

    def of(self, day: date) -> Factor | None:
        return Factor(self.factors[day]) if day in self.factors else None


def history(*sold: float, returned: Sequence[float] = (), in_stock: Sequence[float] = ()) -> SkuHistory:
    """Days from ``FIRST`` on, a line a piece; on sale unless said otherwise."""
    days = len(sold)
    return SkuHistory(
        FIRST, sold, tuple(map(int, sold)), tuple(returned) or (0.0,) * days, tuple(in_stock) or (1.0,) * days
    )
