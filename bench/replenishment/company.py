"""What people want from the sandbox's company: every line of every order of a past, and what comes back of it."""

from __future__ import annotations

import io
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from jst.replenishment.terms import ALL_WAREHOUSES, Place
from local.sandbox.history import History, past
from local.sandbox.kinds import sku
from local.sandbox.kinds.ids import Ids
from local.sandbox.rhythm import PROMOS, Rhythm
from local.sandbox.times import BEIJING

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces of an order, and on which days how many of them come back such that they can be sold again."""

    qty: int
    back: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class Company:
    """Lines by day, the first ``first``, and place. Nothing is known here of any stock: it is what people want.
    ``shares``: of the company's lines, by the dice that drew them."""

    first: date
    shares: dict[Place, float]
    wanted: tuple[dict[Place, list[Line]], ...]


@dataclass(frozen=True, slots=True)
class Factor:
    factor: float


class KnownPromos:
    """The promo days of the sandbox, as promos.yaml has them in a company that keeps it."""

    def of(self, day: date) -> Factor | None:
        factor = PROMOS.get(f"{day:%m-%d}")
        return Factor(factor) if factor else None


class NoPromos:
    """A company whose promos.yaml is empty."""

    def of(self, day: date) -> Factor | None:
        return None


def live(seed: int, last: date, days: int, per_hour: float, skus: int) -> Company:
    """Let the company live ``days`` days, the last one included, with ``per_hour`` orders in an ordinary hour."""
    rng, numbers = random.Random(seed), Counter[str]()

    def number(series: str) -> int:
        numbers[series] += 1
        return numbers[series]

    end = datetime(last.year, last.month, last.day, tzinfo=BEIJING) + _DAY
    rows = list(sku.found(rng, skus, end.timestamp() - days * 86_400))
    rng.shuffle(rows)
    orders, back = [], defaultdict[tuple[str, str], list[tuple[date, int]]](list)
    with redirect_stdout(io.StringIO()):
        for batch in past(rng, Ids("gateway", number), rows, end.timestamp(), History(days, per_hour), Rhythm(seed)):
            orders += [order for order in batch["sale_out"] if order["status"] == "Confirmed"]
            for after_sale in batch["after_sale"]:
                for line in after_sale["items"]:
                    sellable = line["r_qty"] - line["defective_qty"]
                    if line["receive_date"] and sellable > 0:
                        received = date.fromisoformat(line["receive_date"][:10])
                        back[after_sale["o_id"], line["sku_id"]].append((received, sellable))
    first = last - (days - 1) * _DAY
    wanted = tuple(defaultdict[Place, list[Line]](list) for _ in range(days))
    for order in sorted(orders, key=lambda order: str(order["io_date"])):
        place = (date.fromisoformat(order["io_date"][:10]) - first).days
        for line in order["items"]:
            if 0 <= place < days and line["qty"] > 0:
                returned = tuple(back.get((order["o_id"], line["sku_id"]), ()))
                wanted[place][line["sku_id"], ALL_WAREHOUSES].append(Line(line["qty"], returned))
    # local/sandbox/history.py draws the square of a random number
    shares = {
        (row["sku_id"], ALL_WAREHOUSES): ((place + 1) / skus) ** 0.5 - (place / skus) ** 0.5
        for place, row in enumerate(rows)
    }
    return Company(first, shares, wanted)


def split(company: Company, seed: int, weights: Sequence[float]) -> Company:
    """Let each line be shipped from one of as many warehouses as there are ``weights``: which ones a SKU sells from is
    a matter of luck, of all SKUs together they sell by their weights."""
    rng, parts = random.Random(seed), dict[str, list[float]]()
    for sku_id, _ in company.shares:
        drawn = [weight * rng.expovariate(1) for weight in weights]
        parts[sku_id] = [each / sum(drawn) for each in drawn]
    numbers = range(1, len(weights) + 1)
    wanted = tuple(defaultdict[Place, list[Line]](list) for _ in company.wanted)
    for day, there in zip(wanted, company.wanted, strict=True):
        for (sku_id, _), lines in there.items():
            for line, number in zip(lines, rng.choices(numbers, parts[sku_id], k=len(lines)), strict=True):
                day[sku_id, number].append(line)
    shares = {
        (sku_id, number): share * parts[sku_id][number - 1]
        for (sku_id, _), share in company.shares.items()
        for number in numbers
    }
    return replace(company, shares=shares, wanted=wanted)
