"""The rest of today: midnight's forecast, scaled by what has happened since, with its band."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jst.forecast.band import Band
from jst.forecast.candidate import REST, TOTAL, Candidate, name_of
from jst.forecast.forecast_store import PublishedHour
from jst.forecast.history import HOURS, Amounts
from jst.forecast.midnight import Midnight, scaled_to

FROM_HOUR, FROM_HOUR_ON_PROMO_DAYS = 9, 12
"""Before them a few night hours would decide about the day."""
RUSH_HOURS = 2
"""Of a promo day the first hours say nothing of the others: people have waited for midnight."""
RELUCTANCE = 0.1
"""Share of a day's forecast that counts as having gone as forecast, beside what is known."""


@dataclass(frozen=True, slots=True)
class DayPace:
    """``factor``: by which the rest of the day is scaled; ``weight``: how much of the day's error is known by now."""

    factor: float = 1.0
    weight: float = 0.0


def pace(forecast: Amounts, so_far: Amounts, hours: int, *, promo: bool) -> DayPace:
    """Compare the first ``hours`` of a day with their forecast."""
    looked_at = slice(RUSH_HOURS if promo else 0, hours)
    said = sum(forecast[looked_at])
    if hours < (FROM_HOUR_ON_PROMO_DAYS if promo else FROM_HOUR) or said <= 0:
        return DayPace()
    weight = said / (said + RELUCTANCE * sum(forecast))
    return DayPace(sum(so_far[looked_at]) / said * weight + 1 - weight, weight)


@dataclass(frozen=True)
class Today:
    """A day while it runs. ``published``: what was said at midnight, by series; ``hours``: how many of the day are
    known."""

    midnight: Midnight
    published: Mapping[str, Candidate]
    band: Band
    hours: int

    @property
    def pace(self) -> DayPace:
        """Return that of all shops together."""
        return self._pace(TOTAL)

    def rows(self) -> Iterator[PublishedHour]:
        """Yield every shop's hours; those that are over as midnight said them."""
        pace, occasion = self.pace, self.midnight.occasion
        of_day = max(self.band.day, occasion.error if occasion else 0.0)
        for name, amounts in self._scaled(pace).items():
            for shop_id, share in self._shares(name).items():
                shop = self.midnight.history.shops[shop_id]
                for hour in range(HOURS):
                    amount, over = amounts[hour] * share, hour < self.hours
                    yield PublishedHour(
                        shop, hour, amount, self.published[name].amounts[hour] * share, self.band.own_of(name) * amount,
                        self.band.hour * amount, of_day * amount * (1.0 if over else 1 - pace.weight),
                        self.published[name].chosen,
                    )  # fmt: skip

    def _scaled(self, of_total: DayPace) -> dict[str, Amounts]:
        """Scale large shops by their own pace and all others by that of the total, to which all then add up."""
        large = {name_of(shop_id) for shop_id in self.midnight.lineup.large}
        total = self._after(self.published[TOTAL].amounts, of_total)
        parts = {
            name: self._after(said.amounts, self._pace(name) if name in large else of_total)
            for name, said in self.published.items()
            if name != TOTAL
        }
        return scaled_to(total, parts)

    def _after(self, amounts: Amounts, pace: DayPace) -> Amounts:
        return tuple(amount if hour < self.hours else amount * pace.factor for hour, amount in enumerate(amounts))

    def _pace(self, name: str) -> DayPace:
        day, history = self.midnight.day, self.midnight.history
        so_far = history.on(self.midnight.shops_of(name), day)
        return pace(self.published[name].amounts, so_far, self.hours, promo=self.midnight.occasion is not None)

    def _shares(self, name: str) -> Mapping[int, float]:
        return self.midnight.lineup.rest if name == REST else dict.fromkeys(self.midnight.shops_of(name), 1.0)
