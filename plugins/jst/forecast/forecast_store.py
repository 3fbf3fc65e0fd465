"""The forecast's tables in ClickHouse: what was shipped, what every method said, what is published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from jst.clock import SHANGHAI
from jst.forecast.candidate import Candidate
from jst.forecast.history import HOURS, ShopSales, midnight
from jst.warehouse.cluster import Warehouse
from jst.warehouse.sql import INSERT_SETTINGS, statement


@dataclass(frozen=True, slots=True)
class PublishedHour:
    """An hour of a shop as it is published, in yuan; ``own``: a variance, in yuan²."""

    shop: ShopSales
    hour: int
    amount: float
    at_midnight: float
    own: float
    hour_error: float
    day_error: float
    method: str


class ForecastStore:
    """Reads and writes them; everything may be written again."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def shops(self, periods: Iterable[tuple[date, date]]) -> dict[int, ShopSales]:
        """Read what was shipped in periods, both ends included, by shop."""
        found: dict[int, tuple[str, str, dict[date, tuple[float, ...]], dict[date, int]]] = {}
        for first, last in periods:
            asked = {"first": first.isoformat(), "last": last.isoformat()}
            for day, shop_id, name, platform, hours, amounts, orders in self._warehouse.execute(
                statement("forecast/history"), asked
            ):
                by_hour = dict(zip(hours, amounts, strict=True))
                _, _, days, counts = found.setdefault(shop_id, (name, platform, {}, {}))
                days[day] = tuple(by_hour.get(hour, 0.0) for hour in range(HOURS))
                counts[day] = int(orders)
        return {shop_id: ShopSales(shop_id, *about) for shop_id, about in found.items()}

    def candidates(self, first: date, last: date) -> list[Candidate]:
        """Read what was said of the days ``first`` to ``last``."""
        asked = {"first": first.isoformat(), "last": last.isoformat()}
        return [
            Candidate(
                day, series, method, _floats(amounts), until.astimezone(SHANGHAI), bool(incomplete), bool(backtest),
                chosen, _floats(actual) or None,
            )
            for day, series, method, amounts, until, incomplete, backtest, chosen, actual in self._warehouse.execute(
                statement("forecast/candidates"), asked
            )
        ]  # fmt: skip

    def store_candidates(self, candidates: Sequence[Candidate], now: datetime, version: int) -> None:
        """Write them, instead of what was said before."""
        rows = [
            (
                each.day, each.series, each.method, each.chosen, _money_of(each.amounts), midnight(each.day),
                each.data_until, int(each.is_incomplete), int(each.is_backtest), _money_of(each.actual or ()), now,
                version,
            )
            for each in candidates
        ]  # fmt: skip
        if rows:
            self._warehouse.execute(statement("forecast/store_candidates"), rows, settings=INSERT_SETTINGS)

    def publish(
        self, day: date, hours: Sequence[PublishedHour], about: tuple[str, bool, datetime, datetime], version: int
    ) -> None:
        """Write a day as it is published now, and withdraw shops that are not forecast any more. ``about``: note,
        whether data were missing, when it was made, up to when data were used."""
        note, is_incomplete, origin, until = about
        rows = [
            (
                day, each.shop.shop_id, each.hour, each.shop.name, each.shop.platform, _money(each.amount),
                _money(each.at_midnight), _money(each.own, 4), _money(each.hour_error, 4), _money(each.day_error, 4),
                each.method, note, int(is_incomplete), origin, until, version,
            )
            for each in hours
        ]  # fmt: skip
        if rows:
            self._warehouse.execute(statement("forecast/store_published"), rows, settings=INSERT_SETTINGS)
        shops = tuple({each.shop.shop_id for each in hours}) or (0,)
        gone: dict[str, Any] = {"day": day.isoformat(), "shops": shops, "version": version}
        self._warehouse.execute(statement("forecast/withdraw"), gone, settings=INSERT_SETTINGS)

    def settle(self, day: date, version: int) -> None:
        """Write beside the forecast of a complete day what was shipped on it."""
        asked = {"day": day.isoformat(), "version": version}
        self._warehouse.execute(statement("forecast/settle"), asked, settings=INSERT_SETTINGS)


def _floats(amounts: Iterable[Decimal]) -> tuple[float, ...]:
    return tuple(map(float, amounts))


def _money_of(amounts: Iterable[float]) -> list[Decimal]:
    return [_money(amount) for amount in amounts]


def _money(amount: float, places: int = 2) -> Decimal:
    return Decimal(amount).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
