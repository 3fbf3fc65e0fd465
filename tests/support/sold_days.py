"""Shops that sold by simple rules, as the forecast looks at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from jst.forecast.history import HOURS, Amounts, Coverage, SalesHistory, ShopSales, midnight
from jst.forecast.promos import Promos

DAY = timedelta(days=1)
NO_PROMOS = Promos({"promos": [], "holidays": []}, holiday=lambda _: "", is_off=lambda day: day.weekday() >= 5)


def flat(total: float) -> Amounts:
    return (total / HOURS,) * HOURS


def at(hour: int, amount: float) -> Amounts:
    """All of a day in one hour."""
    return tuple(amount if each == hour else 0.0 for each in range(HOURS))


def shop(
    shop_id: int, first: date, days: int, sold: Callable[[date], Amounts], orders: int = 1_000, platform: str = "天猫"
) -> ShopSales:
    found = {day: sold(day) for n in range(days) if any(sold(day := first + n * DAY))}
    return ShopSales(shop_id, f"店 {shop_id}", platform, found, dict.fromkeys(found, orders))


def history(
    *shops: ShopSales, until: date, promos: Promos = NO_PROMOS, coverage: Coverage | None = None
) -> SalesHistory:
    """All that lies before ``until`` is known."""
    begins = min(day for each in shops for day in each.amounts)
    known = coverage or Coverage(midnight(begins), midnight(until))
    return SalesHistory(by_id(*shops), known, promos.of, promos.is_off)


def by_id(*shops: ShopSales) -> Mapping[int, ShopSales]:
    return {each.shop_id: each for each in shops}
