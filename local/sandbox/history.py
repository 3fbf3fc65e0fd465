"""A shop's past: orders and after-sale orders as they stand when the shop opens; what is still to come is scheduled."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from local.sandbox.kinds import KINDS, after_sale, sale_out
from local.sandbox.kinds.ids import Ids
from local.sandbox.records import Task
from local.sandbox.rhythm import HOUR, STEADY, Steady
from local.sandbox.rows import Row
from local.sandbox.times import beijing
from local.sandbox.world import DAY

YOUNGEST = 1800.0
"""Seconds before the opening at which the last order of the past was born: all of it is shipped by then."""

BATCH = 1000
COMING_BACK = 0.035
"""Share of a company's orders, about."""

Schedule = Callable[[float, Task], None]


@dataclass(frozen=True, slots=True)
class History:
    """``per_hour`` orders in an hour of the last ``days`` days, on average over those that are no promo days."""

    days: float = 0.0
    per_hour: float = 0.0


NO_HISTORY = History()


def past(
    rng: random.Random,
    ids: Ids,
    skus: list[Row],
    now: float,
    history: History,
    rhythm: Steady = STEADY,
    schedule: Schedule = lambda due, task: None,
) -> Iterator[dict[str, list[Row]]]:
    """Yield batches of rows by module, oldest first; ``now`` in Unix seconds. What happens to them after ``now`` is
    handed to ``schedule``."""
    batch: dict[str, list[Row]] = {"sale_out": [], "after_sale": []}
    told = Told(rng, ids, skus, now, rhythm, schedule)
    for count, (born, comes_back) in enumerate(_to_tell(now, history, rhythm), 1):
        order, returned = told.order(born, comes_back=comes_back)
        batch["sale_out"].append(order)
        batch["after_sale"] += returned
        if len(batch["sale_out"]) == BATCH:
            yield batch
            batch = {"sale_out": [], "after_sale": []}
            print(f"正在补齐历史订单：{count}，到 {beijing(born)[:10]}", flush=True)
    yield batch


def _to_tell(now: float, history: History, rhythm: Steady) -> Iterator[tuple[float, bool]]:
    """Yield (birth, whether it comes back for sure), oldest first. Of the days before the past only such orders are
    told: without them its first week would look as if hardly anything had come back."""
    start = now - history.days * DAY
    before = History(rhythm.echo if history.days else 0.0, history.per_hour * COMING_BACK)
    yield from ((born, True) for born in births(start + YOUNGEST, before, rhythm))
    yield from ((born, False) for born in births(now, history, rhythm))


def births(now: float, history: History, rhythm: Steady) -> Iterator[float]:
    """Yield when each order of the past was born, oldest first: evenly within an hour, hours as busy as they were."""
    start, end = now - history.days * DAY, now - YOUNGEST
    if end <= start:
        return
    edges = [start, *(hour * HOUR for hour in range(int(start // HOUR) + 1, int(-(-end // HOUR)))), end]
    spans = [(begin, till - begin, rhythm.pace(begin) * (till - begin)) for begin, till in pairwise(edges)]
    busy = sum(weight for *_, weight in spans)
    orders = round(history.per_hour / HOUR * busy * history.days * DAY / (end - start))
    passed, wanted = 0.0, 0.5
    for begin, seconds, weight in spans:
        here = orders * weight / busy
        while here and wanted <= passed + here:
            yield begin + seconds * (wanted - passed) / here
            wanted += 1
        passed += here


class Told:
    """Tells the lives of orders up to ``now``."""

    def __init__(
        self,
        rng: random.Random,
        ids: Ids,
        skus: list[Row],
        now: float,
        rhythm: Steady,
        schedule: Schedule,
    ) -> None:
        self._rng, self._ids, self._skus, self._now = rng, ids, skus, now
        self._rhythm, self._schedule = rhythm, schedule

    def order(self, born: float, *, comes_back: bool = False) -> tuple[Row, list[Row]]:
        """Return an order and the after-sale orders that came of it; whether it ``comes_back`` for sure."""
        rng, skus = self._rng, self._skus
        wanted = sale_out.line_count(rng) if skus else 0
        chosen = [skus[int(len(skus) * rng.random() ** 2)] for _ in range(wanted)]
        order = sale_out.born(rng, self._ids, chosen, born)
        returned = list[Row]()
        chance = 1.0 if comes_back else self._rhythm.returned(order)
        for delay, step in sorted(sale_out.life(rng, chance, self._rhythm.slow)):
            if step == "after_sale":
                if born + delay > self._now:
                    self._later(born + delay, "sale_out", order, step)
                elif order["status"] == "Confirmed":
                    returned.append(self._after_sale(order, born + delay))
                continue
            delay, step = (delay + sale_out.PICKING, "confirm") if step == "pick" else (delay, step)
            sale_out.step(order, step, rng, born + delay)
            order["modified"] = max(order["modified"], beijing(born + delay))
        if order["status"] == "WaitConfirm":
            order["status"] = "Cancelled"
        return order, returned

    def _after_sale(self, order: Row, born: float) -> Row:
        row = after_sale.born(self._rng, self._ids, order, born)
        for delay, step in sorted(after_sale.life(self._rng, row["type"], self._rhythm.slow)):
            if born + delay > self._now:
                self._later(born + delay, "after_sale", row, step)
                continue
            after_sale.step(row, step, self._rng, born + delay, self._ids.dialect)
            row["modified"] = beijing(born + delay)
        return row

    def _later(self, due: float, module: str, row: Row, step: str) -> None:
        self._schedule(due, Task(module, KINDS[module].key_of(row), step))
