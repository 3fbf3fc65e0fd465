"""What the rhythmic sandbox sells, hour by hour and shop by shop, drawn from its rhythm without a running stack."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import numpy as np

from jst.forecast.history import HOURS, Coverage, SalesHistory, ShopSales, midnight
from jst.forecast.promos import Promos
from local.sandbox.kinds import sale_out, sku
from local.sandbox.kinds.ids import Ids
from local.sandbox.rhythm import Rhythm
from local.sandbox.world import SHOP_WEIGHTS, SHOPS

SEED = 20261129
SKUS, KINDS_OF_ORDERS = 3_000, 5_000
SHRINKS = 0.93
"""How much smaller each further shop is than the one before it."""


def order_values(seed: int) -> np.ndarray:
    """Draw what orders of the sandbox are worth, in yuan; few SKUs sell often."""
    rng, numbers = random.Random(seed), Counter[str]()

    def number(name: str) -> int:
        numbers[name] += 1
        return numbers[name]

    ids, now = Ids("gateway", number), midnight(date(2026, 11, 1)).timestamp()
    goods = list(sku.found(rng, SKUS, now))
    values = []
    for _ in range(KINDS_OF_ORDERS):
        wanted = [goods[int(len(goods) * rng.random() ** 3)] for _ in range(sale_out.line_count(rng))]
        row = sale_out.born(rng, ids, wanted, now)
        values.append(sum(float(max(line["qty"], 0) * sale_out.price_of(line)) for line in row["items"]))
    return np.array(values)


def past(first: date, last: date, per_hour: float, shops: int, promos: Promos, seed: int = SEED) -> SalesHistory:
    """Draw ``first`` to ``last``, both whole, of a company that gets ``per_hour`` orders on average."""
    rhythm, rng, values = Rhythm(seed), np.random.default_rng(seed), order_values(seed)
    weights = [*SHOP_WEIGHTS, *(SHOP_WEIGHTS[-1] * SHRINKS**n for n in range(1, shops))][:shops]
    about = [(101 + place, f"店 {101 + place}", SHOPS[place % len(SHOPS)][2]) for place in range(shops)]
    sold: list[tuple[dict[date, tuple[float, ...]], dict[date, int]]] = [({}, {}) for _ in about]
    day = first
    while day <= last:
        begins = midnight(day).timestamp()
        busy = np.array([rhythm.pace(begins + 3600 * hour) for hour in range(HOURS)])
        for (amounts, orders), weight in zip(sold, weights, strict=True):
            counts = rng.poisson(per_hour * weight / sum(weights) * busy)
            amounts[day] = tuple(float(rng.choice(values, count).sum()) for count in counts)
            orders[day] = int(counts.sum())
        day += timedelta(days=1)
    known = Coverage(midnight(first), midnight(last + timedelta(days=1)))
    found = {shop: ShopSales(shop, name, platform, *of) for (shop, name, platform), of in zip(about, sold, strict=True)}
    return SalesHistory(found, known, promos.of, promos.is_off)
