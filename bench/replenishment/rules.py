"""The two that are compared."""

from __future__ import annotations

import math
from datetime import date, timedelta

from bench.replenishment.simulation import Shelf
from jst.replenishment.experience import PromoDays
from jst.replenishment.policy import plan
from jst.replenishment.terms import Params, SkuHistory, SkuState

_LOOKED_BACK, _EVERY = 28, 7
_SEEN_DAYS = 90


class MinMax:
    """The ERP's rule, kept well: minimum = ``factor`` × what was sold in the days a purchase takes and one more,
    maximum = that and the days to cover; both set anew every week from the last four. What has less than the minimum,
    with what is on its way, is ordered up to the maximum."""

    def __init__(self, factor: float, params: Params) -> None:
        self._factor, self._params = factor, params
        self._bounds: dict[str, tuple[int, int]] = {}
        self._set_on = date.min

    def order(self, shelves: dict[str, Shelf], first: date, today: date) -> dict[str, int]:
        if not self._bounds or (today - self._set_on).days >= _EVERY:
            self._bounds = {sku_id: self._bounds_of(shelf) for sku_id, shelf in shelves.items()}
            self._set_on = today
        wanted = {}
        for sku_id, shelf in shelves.items():
            least, most = self._bounds[sku_id]
            if (has := shelf.stock + shelf.on_its_way) < least:
                wanted[sku_id] = most - has
        return wanted

    def _bounds_of(self, shelf: Shelf) -> tuple[int, int]:
        daily = sum(shelf.sold[-_LOOKED_BACK:]) / _LOOKED_BACK
        least = max(1, math.ceil(self._factor * daily * (self._params.lead_days + 1)))
        return least, least + max(1, math.ceil(daily * (self._params.cover_days - 1)))


class Planned:
    """Follows the plan every morning, to the piece."""

    def __init__(self, params: Params, promos: PromoDays) -> None:
        self._params, self._promos = params, promos

    def order(self, shelves: dict[str, Shelf], first: date, today: date) -> dict[str, int]:
        states = [SkuState(sku_id, 0, shelf.stock, in_transit=shelf.on_its_way) for sku_id, shelf in shelves.items()]
        histories = {(sku_id, 0): history_of(shelf, today) for sku_id, shelf in shelves.items()}
        return {line.sku_id: line.qty for line in plan(states, histories, self._params, self._promos, today)}


def history_of(shelf: Shelf, today: date) -> SkuHistory:
    """Return what the warehouse's tables would show of the last days."""
    days = min(_SEEN_DAYS, len(shelf.sold))
    return SkuHistory(
        today - timedelta(days=days),
        sold=tuple(shelf.sold[-days:]),
        lines=tuple(shelf.lines[-days:]),
        returned=tuple(shelf.returned[-days:]),
        in_stock=tuple(shelf.in_stock[-days:]),
    )
