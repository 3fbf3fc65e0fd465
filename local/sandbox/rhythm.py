"""How busy a shop is at a moment, and how soon goods come back: steadily, or as a company lives through its days."""

from __future__ import annotations

import random
from datetime import datetime
from functools import lru_cache
from zlib import crc32

from local.sandbox.kinds.sale_out import AFTER_SALES
from local.sandbox.rows import Row
from local.sandbox.times import BEIJING

HOUR = 3600.0

WORKDAY = (38, 22, 12, 8, 7, 11, 24, 44, 66, 88, 112, 118, 126, 110, 104, 108, 110, 112, 118, 146, 182, 196, 158, 92)
WEEKEND = (50, 32, 18, 11, 9, 11, 18, 34, 62, 98, 128, 138, 138, 130, 128, 130, 130, 128, 130, 150, 174, 180, 150, 98)
"""Orders by hour of the day; only their shares count."""
BUSIER_WEEKEND = 1.15
PROMOS = {
    "03-08": 1.6, "06-01": 1.8, "06-18": 3.0, "09-09": 1.5, "11-01": 2.0, "11-10": 1.8, "11-11": 4.0, "12-12": 2.2,
}  # fmt: skip
"""Month and day → how many times an ordinary day's orders."""
RUSH, RUSH_FROM = 12.0, 3.0
"""The first hour of a promo day of at least ``RUSH_FROM`` is ``RUSH`` times as busy as its place in the day says."""
DAY_NOISE, HOUR_NOISE = 0.06, 0.10


class Steady:
    """The same every second; what comes back comes within minutes. ``slow``: how many times longer that takes;
    ``restock``: seconds a purchase takes, at least and at most; ``edits``: SKUs changed in an hour;
    ``echo``: days before a past begins whose orders still come back in it."""

    slow = 1.0
    restock = (60.0, 1800.0)
    edits = 120.0
    echo = 0.0

    def pace(self, at: float) -> float:
        """Return how busy it is at ``at`` (Unix s), 1.0 on average."""
        return 1.0

    def returned(self, order: Row) -> float:
        """Return the share of such orders that get an after-sale order."""
        return AFTER_SALES

    def stocked(self, rng: random.Random, rows: list[Row]) -> list[Row]:
        """Return the stock of all SKUs, the one sold most first, as it lies when the shop opens."""
        return rows


class Rhythm(Steady):
    """Hours, weekends, promo days and some luck, which ``seed`` decides; returns take days, and a few styles come back
    more often than others. Over ordinary weeks ``pace`` is 1.0 on average."""

    slow = 1200.0
    restock = (2 * HOUR, 20 * HOUR)
    edits = 3.0
    echo = 13.0

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._at = lru_cache(64)(self._of_hour)

    def pace(self, at: float) -> float:
        return self._at(int(at // HOUR))

    def _of_hour(self, hour: int) -> float:
        at = datetime.fromtimestamp(hour * HOUR, BEIJING)
        return _usual(at) * self._luck(f"{at:%F}", DAY_NOISE) * self._luck(f"{at:%F %H}", HOUR_NOISE)

    def _luck(self, when: str, spread: float) -> float:
        return max(0.0, random.Random(f"{self._seed}/{when}").gauss(1.0, spread))

    def returned(self, order: Row) -> float:
        return max((return_rate(line["i_id"]) for line in order["items"]), default=0.0)

    def stocked(self, rng: random.Random, rows: list[Row]) -> list[Row]:
        """Let the bestseller run out soon, a few be sold out, oversold or below their safety stock, and all others
        have enough for days."""
        for place, row in enumerate(rows):
            least, luck = row["min_qty"], rng.random()
            if place == 0:
                row["qty"] = 5
            elif luck < 0.006:
                row["qty"] = -rng.randint(1, 9)
            elif luck < 0.02:
                row["qty"] = 0
            elif luck < 0.06:
                row["qty"] = rng.randint(1, least - 1)
            else:
                row["qty"] = rng.randint(least + 20, row["max_qty"])
        return rows


STEADY = Steady()


def _usual(at: datetime) -> float:
    """Return how busy the hour is without luck."""
    weekend = at.weekday() >= 5
    hours: list[float] = [*(WEEKEND if weekend else WORKDAY)]
    promo = PROMOS.get(f"{at:%m-%d}", 1.0)
    if promo >= RUSH_FROM:
        hours[0] *= RUSH
    day = (BUSIER_WEEKEND if weekend else 1.0) * 7 / (5 + 2 * BUSIER_WEEKEND) * promo
    return day * hours[at.hour] * 24 / sum(hours)


@lru_cache(4096)
def return_rate(i_id: str) -> float:
    """Return how often a style comes back: one in sixteen is a bad one."""
    luck = crc32(i_id.encode()) % 10_000 / 10_000
    return 0.07 + luck if luck < 1 / 16 else 0.012 + 0.034 * luck
