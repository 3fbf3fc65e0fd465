"""Those that are compared."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from bench.replenishment.company import Company
from bench.replenishment.simulation import Decision, Shelf
from jst.replenishment.demand import LARGEST_LINE, SPARSE_ADI, Demand, Floats
from jst.replenishment.experience import PromoDays, calendar_of
from jst.replenishment.policy import Ahead, plan, propose
from jst.replenishment.terms import ALL_WAREHOUSES, Params, Place, PlanLine, SkuHistory, SkuState
from local.sandbox.rhythm import DAY_NOISE, HOUR_NOISE

_LOOKED_BACK, _EVERY = 28, 7
_SEEN_DAYS = 90
_SURE = 1e6
"""Days that were seen of what is known for sure."""


class MinMax:
    """The ERP's rule, kept well: minimum = ``factor`` × what was sold in the days a purchase takes and one more,
    maximum = that and the days to cover; both set anew every week from the last four. What has less than the minimum,
    with what is on its way, is ordered up to the maximum."""

    def __init__(self, factor: float, params: Params) -> None:
        self._factor, self._params = factor, params
        self._bounds: dict[Place, tuple[int, int]] = {}
        self._set_on = date.min

    def decide(self, shelves: dict[Place, Shelf], today: date) -> Decision:
        if not self._bounds or (today - self._set_on).days >= _EVERY:
            self._bounds = {place: self._bounds_of(shelf) for place, shelf in shelves.items()}
            self._set_on = today
        wanted = {}
        for place, shelf in shelves.items():
            least, most = self._bounds[place]
            if (has := shelf.stock + shelf.on_its_way) < least:
                wanted[place] = most - has
        return Decision(wanted)

    def _bounds_of(self, shelf: Shelf) -> tuple[int, int]:
        daily = sum(shelf.sold[-_LOOKED_BACK:]) / _LOOKED_BACK
        least = max(1, math.ceil(self._factor * daily * (self._params.lead_days + 1)))
        return least, least + max(1, math.ceil(daily * (self._params.cover_days - 1)))


class Planned:
    """Follows the plan every morning, to the piece. Without ``transfers`` it plans for each warehouse as if it were a
    company."""

    def __init__(self, params: Params, promos: PromoDays, *, transfers: bool = True) -> None:
        self._params, self._promos, self._transfers = params, promos, transfers

    def decide(self, shelves: dict[Place, Shelf], today: date) -> Decision:
        names = {self._name(place): place for place in shelves}
        states = [
            SkuState(*name, shelves[place].stock, in_transit=shelves[place].on_its_way) for name, place in names.items()
        ]
        lines = self._lines(states, lambda: {name: history_of(shelves[at], today) for name, at in names.items()}, today)
        bought, moved = dict[Place, int](), list[tuple[Place, Place, int]]()
        for line in lines:
            place = names[line.sku_id, line.wms_co_id]
            if line.kind == "move":
                moved.append(((line.sku_id, line.source or ALL_WAREHOUSES), place, line.qty))
            else:
                bought[place] = line.qty
        return Decision(bought, tuple(moved))

    def _lines(
        self, states: list[SkuState], histories: Callable[[], dict[Place, SkuHistory]], today: date
    ) -> list[PlanLine]:
        return plan(states, histories(), self._params, self._promos, today)

    def _name(self, place: Place) -> Place:
        return place if self._transfers else (f"{place[0]}@{place[1]}", ALL_WAREHOUSES)


class Oracle(Planned):
    """Plans by the same rules, and knows what no one can know: how the dice are loaded from which every SKU's sales
    are drawn, and how weekdays and promo days differ."""

    def __init__(self, params: Params, promos: PromoDays, company: Company) -> None:
        super().__init__(params, promos)
        days = len(company.wanted)
        sold = tuple(sum(line.qty for lines in day.values() for line in lines) for day in company.wanted)
        nothing = (0,) * days
        whole = SkuHistory(company.first, sold, lines=nothing, returned=nothing, in_stock=(1.0,) * days)
        self._calendar = calendar_of({("", ALL_WAREHOUSES): whole}, promos)
        lines = [line for day in company.wanted for lines in day.values() for line in lines]
        back = sum(pieces for line in lines for _, pieces in line.back) / sum(sold)
        counted = np.bincount([min(line.qty, LARGEST_LINE) for line in lines], minlength=LARGEST_LINE + 1)
        daily = len(lines) * (1 - back) / self._calendar.span(company.first, days)
        self._known = {
            place: _demand(share * daily, counted / counted.sum()) for place, share in company.shares.items()
        }

    def _lines(
        self, states: list[SkuState], histories: Callable[[], dict[Place, SkuHistory]], today: date
    ) -> list[PlanLine]:
        ahead = Ahead.of(self._params, self._calendar, today)
        return propose(states, lambda state: self._known[state.place], self._params, ahead, today)


def _demand(lines: float, sizes: Floats) -> Demand:
    """Return what is known of a SKU that sells so many lines on an ordinary day."""
    size = np.arange(len(sizes))
    mean, second = float(sizes @ size), float(sizes @ size**2)
    noise = DAY_NOISE**2 + HOUR_NOISE**2 / 24
    return Demand(
        pattern="间歇" if 1 / (1 - math.exp(-lines)) > SPARSE_ADI else "平稳",
        daily=lines * mean,
        days=_SURE,
        lines=lines * _SURE,
        variance=lines * second + noise * (lines * mean) ** 2,
        sizes=sizes,
        basis="",
    )


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
