"""What a promo day or a holiday makes of an ordinary forecast: last year's factor and hours, else the assumption."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jst.forecast.baselines import profile, spread
from jst.forecast.history import Amounts, Series
from jst.forecast.promos import PromoDay, Promos

ERROR_OF_ASSUMED, ERROR_OF_MEASURED = 0.5, 0.25
"""How far the amount of such a day may be off, as a part of it."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """``factor``: how many times an ordinary day; ``shape``: last year's hours, None where only an assumption is
    known."""

    promo: PromoDay
    factor: float
    shape: Amounts | None

    def applied(self, ordinary: Amounts) -> Amounts:
        """Turn the forecast of an ordinary day into that of this one."""
        total = sum(ordinary) * self.factor
        return spread(total, self.shape or ordinary) if total else ordinary

    @property
    def error(self) -> float:
        """Return how far it may be off, as a part."""
        return ERROR_OF_MEASURED if self.shape else ERROR_OF_ASSUMED

    @property
    def words(self) -> str:
        """Say what it stands on."""
        basis = "去年同日实测" if self.shape else "假设"
        beside = {"lead": "前", "tail": "后"}.get(self.promo.kind, "")
        name = f"{self.promo.name} {beside} {abs(self.promo.place)} 天" if beside else self.promo.name
        return f"{name}：按平日的 {self.factor:.2f} 倍（{basis}）"


def occasion(total: Series, promos: Promos, day: date) -> Occasion | None:
    """Return what is expected of ``day``, measured on ``total`` (of all shops) where last year's same day and the weeks
    before it are known; None for an ordinary day."""
    promo = promos.of(day)
    if promo is None:
        return None
    other = promos.same_last_year(day)
    if other is None or not total.totals.get(other):
        return Occasion(promo, promo.factor, None)
    before = Series({each: total.days[each] for each in total.days if each < other}, total.special, total.is_off)
    usual = profile(before, other)
    if usual is None or sum(usual) <= 0:
        return Occasion(promo, promo.factor, None)
    return Occasion(promo, total.totals[other] / sum(usual), total.days[other])
