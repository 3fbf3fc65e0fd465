"""Which shops have a forecast of their own, by what was known at a midnight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jst.forecast.baselines import RECENT_DAYS
from jst.forecast.history import SalesHistory, Series

MOST_SHOPS = 40
SMALL_ORDERS_PER_HOUR = 10.0
SHARE_DAYS = 14


@dataclass(frozen=True, slots=True)
class Lineup:
    """``large``: shops forecast by their own hours; ``small``: by their day's total and their platform's hours;
    ``rest``: shop → its share of them all, which are one series."""

    large: tuple[int, ...]
    small: tuple[int, ...]
    rest: Mapping[int, float]

    @property
    def all(self) -> tuple[int, ...]:
        """All shops that sell."""
        return (*self.large, *self.small, *self.rest)


def line_up(history: SalesHistory, day: date) -> Lineup:
    """Line up the shops that sold anything in the four weeks before ``day``, the largest first."""
    days = [each for each in history.days if each < day][-RECENT_DAYS:]
    sold, orders = dict[int, float](), dict[int, float]()
    for shop in history.shops.values():
        known = [each for each in days if each in shop.amounts]
        if known:
            sold[shop.shop_id] = sum(sum(shop.amounts[each]) for each in known)
            # a new shop is as large as it is since it sells
            lasting = len(days) - days.index(known[0])
            orders[shop.shop_id] = sum(shop.orders[each] for each in known) / lasting / 24
    ranked = sorted(sold, key=lambda shop_id: (-sold[shop_id], shop_id))
    top, others = ranked[:MOST_SHOPS], ranked[MOST_SHOPS:]
    large = tuple(shop_id for shop_id in top if orders[shop_id] >= SMALL_ORDERS_PER_HOUR)
    newest = days[-SHARE_DAYS:]
    lately = {each: sum(sum(history.shops[each].amounts.get(one, ())) for one in newest) for each in others}
    whole = sum(lately.values())
    rest = {each: lately[each] / whole if whole > 0 else 1 / len(others) for each in others}
    return Lineup(large, tuple(shop_id for shop_id in top if shop_id not in large), rest)


def platform_of(history: SalesHistory, shop_id: int, day: date) -> Series:
    """Return the days of all shops of a shop's platform."""
    platform = history.shops[shop_id].platform
    return history.series([each.shop_id for each in history.shops.values() if each.platform == platform], day)
