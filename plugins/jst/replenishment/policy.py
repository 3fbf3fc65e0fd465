"""What to move and what to buy, and why (docs/decisions/0074-what-a-replenishment-plan-proposes.md).

A SKU is dealt with when what it has and what is on its way would not last, with the chance that is asked for, until a
purchase of tomorrow arrives. It then gets that much, and what it sells on the days to cover.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from jst.replenishment.cycles import days_to_cover
from jst.replenishment.demand import Demand, Floats
from jst.replenishment.experience import Calendar, Experience, PromoDays, calendar_of
from jst.replenishment.reasons import reason_of_move, reason_of_order
from jst.replenishment.run_out import days_until_empty
from jst.replenishment.terms import LONGEST_DAYS, Histories, Kind, Params, PlanLine, SkuState, check, check_choices
from jst.replenishment.transfers import Move, Need, moves

_ZERO = Decimal(0)


def plan(
    states: Sequence[SkuState], histories: Histories, params: Params, promos: PromoDays, today: date
) -> list[PlanLine]:
    """Propose moves between warehouses and purchases, the most urgent first. ``histories`` end yesterday. Raises
    Misconfigured with one sentence for parameters that make no sense."""
    check(params)
    check_choices(params, states)
    calendar = calendar_of(histories, promos)
    experience = Experience(states, histories, calendar)
    return propose(states, experience.demand, params, Ahead.of(params, calendar, today), today)


def propose(
    states: Sequence[SkuState],
    demand_of: Callable[[SkuState], Demand],
    params: Params,
    ahead: Ahead,
    today: date,
) -> list[PlanLine]:
    """Propose them when it is known what every SKU will sell."""
    chosen = [state for state in states if state.enabled and (not params.category or state.category in params.category)]
    demands = [demand_of(state) for state in chosen]
    covers = days_to_cover([demand.daily for demand in demands], params.cover_days)
    needs = [
        need_of(state, demand, params.service_level, cover, ahead)
        for state, demand, cover in zip(chosen, demands, covers, strict=True)
    ]
    ranked = sorted(needs, key=lambda need: (-need.lost, need.state.available, need.state.place))
    wanted = [need for need in ranked if not params.warehouse or need.state.wms_co_id in params.warehouse]
    return _lines(wanted, moves(wanted, needs), params, today)


@dataclass(frozen=True, slots=True)
class Ahead:
    """The days ahead, in ordinary days. ``until``: from this morning until a purchase of tomorrow morning arrives, by
    how long it may take; ``usual``: in how many days it usually does; ``whole``: until then and the days to cover;
    ``weights``: of each day from today on."""

    until: tuple[float, ...]
    usual: int
    whole: float
    weights: Floats

    @classmethod
    def of(cls, params: Params, calendar: Calendar, today: date) -> Ahead:
        """Look ahead from the morning of ``today``."""
        weights = calendar.weights(today, LONGEST_DAYS + 1)
        usual, end = params.lead_days + 1, params.lead_days + params.cover_days
        leads = range(usual - params.lead_spread_days, usual + params.lead_spread_days + 1)
        return cls(
            until=tuple(float(weights[:lead].sum()) for lead in leads),
            usual=usual,
            whole=float(weights[:end].sum()),
            weights=weights,
        )

    def cover(self, days: int) -> float:
        """Return how many ordinary days a purchase of today is to last after one of tomorrow arrives."""
        return float(self.weights[self.usual : self.usual + days - 1].sum())


def need_of(state: SkuState, demand: Demand, level: float, cover_days: int, ahead: Ahead) -> Need:
    """Compute what a SKU in a warehouse needs, to have enough with a chance of ``level`` until a purchase arrives that
    is to last for ``cover_days``."""
    by_rule = demand.days == 0 and bool(state.max_qty)
    if by_rule:
        # nothing is known but what people wrote down
        least, target = math.ceil(state.min_qty or 0), math.ceil(state.max_qty or 0)
    else:
        floor = math.ceil(state.min_qty or 0) if demand.daily > 0 else 0
        least = max(demand.enough_for(ahead.until, level), floor)
        target = least + math.ceil(demand.daily * ahead.cover(cover_days) - 1e-9)
    margin = max(0.0, float((state.sale_price or _ZERO) - (state.cost_price or _ZERO)))
    missing = max(0.0, demand.daily * ahead.whole - state.position)
    return Need(
        state=state,
        demand=demand,
        cover_days=cover_days,
        least=least,
        target=max(least, target),
        by_rule=by_rule,
        lost=missing * margin,
        lasts=days_until_empty(state.available, demand.daily, ahead.weights),
    )


def _lines(needs: Sequence[Need], chosen: Iterable[Move], params: Params, today: date) -> list[PlanLine]:
    into: dict[tuple[str, int], list[Move]] = defaultdict(list)
    for move in chosen:
        into[move.to.state.place].append(move)
    left, numbers, lines = params.budget, count(1), list[PlanLine]()
    for need in needs:
        come = 0
        for move in into[need.state.place]:
            come += move.qty
            source = move.source.state
            line = _line(need, "move", move.qty, reason_of_move(move, params, today), next(numbers), today)
            lines.append(replace(line, source=source.wms_co_id, source_name=source.warehouse_name))
        if not (wanted := order_of(need, come, params.pack_size)):
            continue
        qty = wanted if left is None else _affordable(need.state, wanted, left, params.pack_size)
        if left is not None:
            left -= qty * (need.state.cost_price or _ZERO)
        reason = reason_of_order(need, qty, wanted, come, params, today)
        line = _line(need, "order", qty, reason, next(numbers), today)
        lines.append(replace(line, needed_qty=wanted, amount=_amount(need.state, qty)))
    return lines


def order_of(need: Need, come: int, pack_size: int) -> int:
    """Return how many pieces to buy, in whole packs, when ``come`` pieces are moved in."""
    have = need.state.position + come
    if have >= need.least:
        return 0
    return math.ceil((need.target - have) / pack_size - 1e-9) * pack_size


def _affordable(state: SkuState, wanted: int, left: Decimal, pack_size: int) -> int:
    """Cut a purchase to what is left of the budget; what has no known cost is bought in full, and says so."""
    pack = (state.cost_price or _ZERO) * pack_size
    return min(wanted, int(left // pack) * pack_size) if pack else wanted


def _amount(state: SkuState, qty: int) -> Decimal | None:
    return qty * state.cost_price if state.cost_price else None


def _line(need: Need, kind: Kind, qty: int, reason: str, priority: int, today: date) -> PlanLine:
    state = need.state
    return PlanLine(
        kind=kind,
        sku_id=state.sku_id,
        wms_co_id=state.wms_co_id,
        qty=qty,
        needed_qty=qty,
        reason=reason,
        priority=priority,
        run_out_on=None if need.lasts is None else today + timedelta(days=int(need.lasts)),
        daily_demand=need.demand.daily,
        sku_name=state.sku_name,
        warehouse_name=state.warehouse_name,
        i_id=state.i_id,
        category=state.category,
    )
