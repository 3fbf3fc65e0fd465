"""What was shipped by shop, day and hour, as a forecast may look at it: complete days, and none that came later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from jst.clock import SHANGHAI
from jst.forecast.promos import PromoDay

HOURS = 24
NOTHING = (0.0,) * HOURS
DAY = timedelta(days=1)
Amounts = tuple[float, ...]
"""Yuan of the 24 hours of a day."""
Days = Mapping[date, Amounts]


def midnight(day: date) -> datetime:
    """Return the moment a business day begins."""
    return datetime.combine(day, time(), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known. ``start``: before it nothing is promised; ``until``: all before it is proven, None when nothing
    is; ``doubtful``: days that a certificate calls open or whose summaries are behind; ``certified``: days that were
    proven one by one, also before ``start``."""

    start: datetime | None
    until: datetime | None
    doubtful: frozenset[date] = frozenset()
    certified: frozenset[date] = frozenset()

    def has(self, day: date) -> bool:
        """Say whether all of a day is known."""
        if day in self.doubtful or self.until is None or self.start is None:
            return False
        end = midnight(day + DAY)
        return end <= self.until and (midnight(day) >= self.start or day in self.certified)

    def hours_of(self, day: date) -> int:
        """Count the hours of a day, from 0 o'clock on, of which all is known."""
        if self.has(day):
            return HOURS
        if day in self.doubtful or self.until is None or self.start is None or self.start > midnight(day):
            return 0
        return max(0, min(HOURS, (self.until - midnight(day)) // timedelta(hours=1)))


@dataclass(frozen=True, slots=True)
class ShopSales:
    """A shop. ``amounts``: its days on which something was shipped; ``orders``: how many."""

    shop_id: int
    name: str
    platform: str
    amounts: Days
    orders: Mapping[date, int]


@dataclass(frozen=True)
class SalesHistory:
    """All shops and what is known of them. ``special``: what makes a day unlike others; ``is_off``: whether people are
    off. Nothing here is of a day that is not complete, but ``today``."""

    shops: Mapping[int, ShopSales]
    coverage: Coverage
    special: Callable[[date], PromoDay | None]
    is_off: Callable[[date], bool]

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Complete days on which anything was shipped, the oldest first: before the first of all there was no shop."""
        found = {day for shop in self.shops.values() for day in shop.amounts}
        if not found:
            return ()
        first, last = min(found), max(found)
        all_days = (first + n * DAY for n in range((last - first).days + 1))
        return tuple(day for day in all_days if self.coverage.has(day))

    def series(self, shops: Iterable[int], before: date) -> Series:
        """Add up shops, over the complete days before ``before``; begins with the first on which one of them sold."""
        chosen = [self.shops[shop_id] for shop_id in shops]
        since = min((min(shop.amounts) for shop in chosen if shop.amounts), default=before)
        known = [day for day in self.days if since <= day < before]
        return Series({day: _added(chosen, day) for day in known}, self.special, self.is_off)

    def on(self, shops: Iterable[int], day: date) -> Amounts:
        """Add up shops on one day, complete or not."""
        return _added([self.shops[shop_id] for shop_id in shops if shop_id in self.shops], day)


@dataclass(frozen=True)
class Series:
    """Complete days of one shop, or of several together."""

    days: Days
    special: Callable[[date], PromoDay | None]
    is_off: Callable[[date], bool]

    @cached_property
    def ordinary(self) -> tuple[date, ...]:
        """Days that are like others, the oldest first."""
        return tuple(day for day in sorted(self.days) if self.special(day) is None)

    @cached_property
    def totals(self) -> Mapping[date, float]:
        """Yuan by day."""
        return {day: sum(amounts) for day, amounts in self.days.items()}

    def pattern(self, day: date) -> int:
        """Return the weekday that a day is like, Monday 0: a holiday is a Sunday, a weekend that is worked a Monday."""
        off = self.is_off(day)
        if off == (day.weekday() >= 5):
            return day.weekday()
        return 6 if off else 0

    def alike(self, day: date, most: int) -> Sequence[date]:
        """List the newest ordinary days with the pattern of ``day``."""
        pattern = self.pattern(day)
        found = [other for other in reversed(self.ordinary) if other < day and self.pattern(other) == pattern]
        return found[:most]


def _added(shops: Sequence[ShopSales], day: date) -> Amounts:
    found = [amounts for shop in shops if (amounts := shop.amounts.get(day)) is not None]
    return tuple(map(sum, zip(*found, strict=True))) if found else NOTHING
