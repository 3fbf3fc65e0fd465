"""A shop's past: orders and after-sale orders that have come to their end before the shop opens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from local.sandbox.kinds import after_sale, sale_out
from local.sandbox.kinds.ids import Ids
from local.sandbox.rows import Row
from local.sandbox.times import beijing
from local.sandbox.world import DAY

YOUNGEST = 1800.0
"""Seconds before the opening at which the last order of the past was born: all of it is over by then."""

BATCH = 5000


@dataclass(frozen=True, slots=True)
class History:
    """``per_hour`` orders in each hour of the last ``days`` days."""

    days: float = 0.0
    per_hour: float = 0.0

    @property
    def orders(self) -> int:
        return int(self.days * 24 * self.per_hour)


NO_HISTORY = History()


def past(rng: random.Random, ids: Ids, skus: list[Row], now: float, history: History) -> Iterator[dict[str, list[Row]]]:
    """Batches of rows by module, oldest first; ``now`` in Unix seconds."""
    batch: dict[str, list[Row]] = {"sale_out": [], "after_sale": []}
    step = max(history.days * DAY - YOUNGEST, 0.0) / max(history.orders, 1)
    for index in range(history.orders):
        born = now - YOUNGEST - (history.orders - index) * step
        order, returned = _order(rng, ids, skus, born)
        batch["sale_out"].append(order)
        batch["after_sale"] += returned
        if len(batch["sale_out"]) == BATCH:
            yield batch
            batch = {"sale_out": [], "after_sale": []}
            print(f"正在补齐历史订单：{index + 1}/{history.orders}", flush=True)
    yield batch


def _order(rng: random.Random, ids: Ids, skus: list[Row], born: float) -> tuple[Row, list[Row]]:
    wanted = sale_out.line_count(rng) if skus else 0
    chosen = [skus[int(len(skus) * rng.random() ** 2)] for _ in range(wanted)]
    order = sale_out.born(rng, ids, chosen, born)
    returned = list[Row]()
    for delay, step in sorted(sale_out.life(rng)):
        if step == "after_sale":
            if order["status"] == "Confirmed":
                returned.append(_after_sale(rng, ids, order, born + delay))
            continue
        delay, step = (delay + sale_out.PICKING, "confirm") if step == "pick" else (delay, step)
        sale_out.step(order, step, rng, born + delay)
        order["modified"] = max(order["modified"], beijing(born + delay))
    if order["status"] == "WaitConfirm":
        order["status"] = "Cancelled"
    return order, returned


def _after_sale(rng: random.Random, ids: Ids, order: Row, born: float) -> Row:
    row = after_sale.born(rng, ids, order, born)
    for delay, step in sorted(after_sale.life(rng, row["type"])):
        after_sale.step(row, step, rng, born + delay, ids.dialect)
        row["modified"] = beijing(born + delay)
    return row
