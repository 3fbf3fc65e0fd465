"""What people want from the sandbox's company: every line of every order of a past, and what comes back of it."""

from __future__ import annotations

import io
import random
from collections import Counter, defaultdict
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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
    """Lines by day, the first ``first``, and SKU. Nothing is known here of any stock: it is what people want."""

    first: date
    skus: tuple[str, ...]
    wanted: tuple[dict[str, list[Line]], ...]


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
    wanted = tuple(defaultdict[str, list[Line]](list) for _ in range(days))
    for order in sorted(orders, key=lambda order: str(order["io_date"])):
        place = (date.fromisoformat(order["io_date"][:10]) - first).days
        for line in order["items"]:
            if 0 <= place < days and line["qty"] > 0:
                returned = tuple(back.get((order["o_id"], line["sku_id"]), ()))
                wanted[place][line["sku_id"]].append(Line(line["qty"], returned))
    return Company(first, tuple(row["sku_id"] for row in rows), wanted)
