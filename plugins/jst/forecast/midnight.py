"""What every method says of a day, standing at its midnight: nothing that came later is looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from jst.forecast import baselines
from jst.forecast.candidate import PUBLISHED, REST, TOTAL, Candidate, Method, choose, name_of
from jst.forecast.history import DAY, HOURS, Amounts, SalesHistory, midnight
from jst.forecast.lineup import Lineup, line_up, platform_of
from jst.forecast.occasions import Occasion, occasion
from jst.forecast.promos import Promos
from jst.forecast.prophet_model import Model


@dataclass(frozen=True)
class Midnight:
    """A day seen from its midnight. ``is_backtest``: the day is over and nothing was said at its time."""

    history: SalesHistory
    day: date
    lineup: Lineup
    occasion: Occasion | None
    is_backtest: bool = False

    @classmethod
    def of(cls, history: SalesHistory, day: date, promos: Promos) -> Midnight:
        """Stand at the midnight of ``day``."""
        total = history.series(history.shops, day)
        return cls(history, day, line_up(history, day), occasion(total, promos, day))

    @property
    def names(self) -> tuple[str, ...]:
        """Series that have a forecast of their own, the total first; none before anything is known."""
        tops = tuple(map(name_of, (*self.lineup.large, *self.lineup.small)))
        return (TOTAL, *tops, *((REST,) if self.lineup.rest else ())) if tops else ()

    @property
    def is_incomplete(self) -> bool:
        """Whether something of the day before is not known."""
        return not self.history.coverage.has(self.day - DAY)

    @property
    def data_until(self) -> datetime:
        """The moment up to which data are looked at: the midnight, or an earlier one where less is known."""
        begins = midnight(self.day)
        return min(begins, self.history.coverage.until or begins - DAY)

    def shops_of(self, name: str) -> Collection[int]:
        """Return the shops of a series."""
        if name == TOTAL:
            return tuple(self.history.shops)
        return tuple(self.lineup.rest) if name == REST else (int(name.removeprefix("shop:")),)

    def candidates(self, names: Iterable[str], model: Model | None) -> Iterator[Candidate]:
        """Yield what every method says of these series. ``model``: Prophet, None where it is not installed."""
        for name in names:
            for method, amounts in self._said(name, model).items():
                if amounts is not None:
                    on_the_day = self.occasion.applied(amounts) if self.occasion else amounts
                    yield self._candidate(name, method, on_the_day)

    def published(self, said: Collection[Candidate], scored: Collection[Candidate]) -> Iterator[Candidate]:
        """Yield what is published: of each series the method that its ``scored`` days are for, then all of them scaled
        to the total, hour by hour."""
        chosen: dict[str, Candidate] = {}
        for name in self.names:
            own = {each.method: each for each in said if each.series == name}
            choice = choose([each for each in scored if each.series == name], own, self._is_ordinary)
            if choice is not None:
                chosen[name] = own[choice.method]
        if TOTAL not in chosen:
            return
        total = chosen[TOTAL].amounts
        parts = scaled_to(total, {name: each.amounts for name, each in chosen.items() if name != TOTAL})
        for name, amounts in {TOTAL: total, **parts}.items():
            yield self._candidate(name, PUBLISHED, amounts, chosen[name].method)

    def _is_ordinary(self, day: date) -> bool:
        return self.history.special(day) is None

    def _candidate(self, name: str, method: Method, amounts: Amounts, chosen: str = "") -> Candidate:
        return Candidate(self.day, name, method, amounts, self.data_until, self.is_incomplete, self.is_backtest, chosen)

    def _said(self, name: str, model: Model | None) -> Mapping[Method, Amounts | None]:
        series = self.history.series(self.shops_of(name), self.day)
        said: dict[Method, Amounts | None] = {
            "profile": baselines.profile(series, self.day),
            "last_week": baselines.last_week(series, self.day),
        }
        if not any(said.values()):
            said["recent"] = baselines.recent(series, self.day)
        if name in map(name_of, self.lineup.small):
            (shop_id,) = self.shops_of(name)
            said["day_total"] = baselines.day_total(series, platform_of(self.history, shop_id, self.day), self.day)
        elif model is not None:
            said["prophet"] = model(series, self.day)
        return said


def scaled_to(total: Amounts, parts: Mapping[str, Amounts]) -> dict[str, Amounts]:
    """Scale parts so that they add up to the total in every hour; an hour that none of them has is shared like the
    day."""
    days = {name: sum(amounts) for name, amounts in parts.items()}
    whole = sum(days.values())
    scaled: dict[str, list[float]] = {name: [] for name in parts}
    for hour in range(HOURS):
        there = sum(amounts[hour] for amounts in parts.values())
        for name, amounts in parts.items():
            share = amounts[hour] / there if there > 0 else days[name] / whole if whole > 0 else 1 / len(parts)
            scaled[name].append(total[hour] * share)
    return {name: tuple(amounts) for name, amounts in scaled.items()}
