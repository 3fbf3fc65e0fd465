"""The rest of today: midnight's forecast, scaled by what has happened since, with its band."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from jst.forecast.band import Band
from jst.forecast.candidate import (
    LEAST_SCORED_DAYS,
    MUST_BEAT,
    REST,
    SCORED_DAYS,
    TOTAL,
    Candidate,
    name_of,
)
from jst.forecast.forecast_store import PublishedHour
from jst.forecast.history import HOURS, Amounts
from jst.forecast.midnight import Midnight, scaled_to

FROM_HOUR, FROM_HOUR_ON_PROMO_DAYS = 9, 12
"""Before them a few night hours would decide about the day."""
RUSH_HOURS = 2
"""Of a promo day the first hours say nothing of the others: people have waited for midnight."""
NOTHING = 0.001
"""Share of what was sold up to which an error is none."""
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


def misled(before: Iterable[Candidate], hours: int) -> frozenset[str]:
    """Name the series whose rest of the day would not have been nearer by following its first ``hours``, on the newest
    of the ordinary days ``before`` that are scored. One with too few of them is not named: on days as they usually are
    it helps."""
    scored: dict[str, list[Candidate]] = defaultdict(list)
    for each in before:
        if each.actual is not None:
            scored[each.series].append(each)
    return frozenset(
        series
        for series, days in scored.items()
        if len(days) >= LEAST_SCORED_DAYS and not _helped(sorted(days, key=lambda each: each.day)[-SCORED_DAYS:], hours)
    )


def _helped(days: Collection[Candidate], hours: int) -> bool:
    plain = followed = sold = 0.0
    for each in days:
        actual = each.actual or ()
        factor = pace(each.amounts, actual, hours, promo=False).factor
        for was, said in zip(actual[hours:], each.amounts[hours:], strict=True):
            plain += abs(was - said)
            followed += abs(was - said * factor)
            sold += was
    # days that came exactly as said show nothing but rounding
    return followed <= MUST_BEAT * plain or plain <= NOTHING * sold


@dataclass(frozen=True)
class Today:
    """A day while it runs. ``published``: what was said at midnight, by series; ``hours``: how many of the day are
    known; ``misled``: series that do not follow an ordinary day's course."""

    midnight: Midnight
    published: Mapping[str, Candidate]
    band: Band
    hours: int
    misled: Collection[str] = ()

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
                        self.band.hours[hour] * amount, of_day * amount * (1.0 if over else 1 - pace.weight),
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
        promo = self.midnight.occasion is not None
        if name in self.misled and not promo:
            return DayPace()
        so_far = self.midnight.history.on(self.midnight.shops_of(name), self.midnight.day)
        return pace(self.published[name].amounts, so_far, self.hours, promo=promo)

    def _shares(self, name: str) -> Mapping[int, float]:
        return self.midnight.lineup.rest if name == REST else dict.fromkeys(self.midnight.shops_of(name), 1.0)
