"""分仓库存: one row per SKU and warehouse that has it; over all warehouses they add up to the row of ``inventory``."""

from __future__ import annotations

import random
from collections.abc import Iterator

from local.sandbox.kinds.kind import Kind
from local.sandbox.rows import Row
from local.sandbox.world import WAREHOUSE_WEIGHTS, WAREHOUSES

KIND = Kind("branch_stock", key=("sku_id", "wms_co_id"), other_id="wms_co_id", joined="@")
_ALONE = 0.3
"""Share of the SKUs that lie in one warehouse only."""


def found(total: Row) -> Iterator[Row]:
    """Yield the rows of a SKU's warehouses, whose quantities add up to ``total``; the same for the same SKU."""
    rng = random.Random(total["sku_id"])
    places = [wms_co_id for wms_co_id, _ in WAREHOUSES]
    chosen = rng.choices(places, WAREHOUSE_WEIGHTS) if rng.random() < _ALONE else places[: rng.randint(2, len(places))]
    rest = {name: value for name, value in total.items() if name.endswith(("qty", "_lock")) and value}
    facts = {name: value for name, value in total.items() if name not in ("ts", *rest)}
    for place in chosen[:-1]:
        share = {name: value // len(chosen) for name, value in rest.items()}
        rest = {name: value - share[name] for name, value in rest.items()}
        yield {**facts, **share, "wms_co_id": place}
    yield {**facts, **rest, "wms_co_id": chosen[-1]}
