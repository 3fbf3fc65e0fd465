"""The rolling backtest: every method at every midnight, and what the product would have published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from jst.forecast.baselines import last_week, profile
from jst.forecast.candidate import PUBLISHED, Candidate
from jst.forecast.history import DAY, SalesHistory, Series
from jst.forecast.midnight import Midnight
from jst.forecast.promos import Promos
from jst.forecast.prophet_model import Model

PLAIN = ("plain_last_week", "plain_profile")


@dataclass
class Backtest:
    """``first``: the first day that counts; ``before``: days before it that are forecast too, so that methods have
    scores to be chosen by. ``found``: all that was said, with what came of it."""

    history: SalesHistory
    promos: Promos
    model: Model | None
    first: date
    before: int
    found: list[Candidate] = field(default_factory=list)
    stands: dict[date, Midnight] = field(default_factory=dict)

    def run(self) -> Iterator[date]:
        """Forecast day after day; yields each when it is done."""
        day = self.first - self.before * DAY
        while self.history.coverage.has(day):
            stand = Midnight.of(self.history, day, self.promos)
            said = list(stand.candidates(stand.names, self.model))
            said += [_plain(each, method, stand) for each in said if each.method == "last_week" for method in PLAIN]
            said += stand.published(said, self.found)
            actual = {name: self.history.on(stand.shops_of(name), day) for name in stand.names}
            self.found += [replace(each, actual=actual[each.series]) for each in said]
            self.stands[day] = stand
            yield day
            day += DAY

    def counted(self) -> dict[str, dict[str, list[Candidate]]]:
        """Return what counts by series and method; of a series only days that every method has."""
        found: dict[str, dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
        for each in self.found:
            if each.day >= self.first:
                found[each.series][each.method].append(each)
        return found

    def published(self, day: date) -> dict[str, Candidate]:
        """Return what was published of a day, by series."""
        return {each.series: each for each in self.found if each.method == PUBLISHED and each.day == day}

    def published_before(self, day: date) -> list[Candidate]:
        """Return what was published of the ordinary days before."""
        return [
            each
            for each in self.found
            if each.method == PUBLISHED and each.day < day and self.promos.of(each.day) is None
        ]

    def chosen(self, series: str) -> Sequence[str]:
        """Return by which method a series was published, day after day."""
        return [each.chosen for each in self.counted()[series][PUBLISHED]]


def _plain(known: Candidate, method: str, stand: Midnight) -> Candidate:
    """Return what one would say who knows of no promo days."""
    series = stand.history.series(stand.shops_of(known.series), stand.day)
    naive = Series(series.days, lambda _: None, series.is_off)
    amounts = (last_week if method == "plain_last_week" else profile)(naive, stand.day)
    return replace(known, method=method, amounts=amounts or known.amounts)  # type: ignore[arg-type]
