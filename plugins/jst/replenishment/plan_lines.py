"""Store the lines of a plan in ClickHouse, once, and read them for the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from jst.clock import SHANGHAI
from jst.replenishment.terms import ALL_WAREHOUSES, Params, PlanLine, SkuState
from jst.warehouse.cluster import Warehouse
from jst.warehouse.sql import INSERT_SETTINGS, statement

_EVERYWHERE = "全部仓库"
Question = Callable[[str, dict[str, Any]], Sequence[Sequence[Any]]]
"""SQL, parameters → rows."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line as the file shows it; ``cost_price`` None for who may not see it, 0 where it is not known."""

    kind: str
    sku_id: str
    sku_name: str
    properties: str
    i_id: str
    category: str
    warehouse: str
    from_warehouse: str
    available_qty: Decimal
    in_transit_qty: Decimal
    daily_demand: Decimal
    run_out_day: date | None
    qty: int
    needed_qty: int
    reason: str
    cost_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """What a plan comes to: its lines, and what is to be paid at cost."""

    lines: int
    amount: Decimal


def stored_sums(warehouse: Warehouse, replenishment_id: int) -> Sums:
    """Return what is stored of a plan."""
    return Sums(*warehouse.execute(statement("replenishment/stored_sums"), {"id": replenishment_id})[0])


def store_lines(
    warehouse: Warehouse,
    replenishment_id: int,
    lines: Sequence[PlanLine],
    states: Sequence[SkuState],
    params: Params,
    now: datetime,
) -> Sums:
    """Store the lines of a plan in one insert, which is there as a whole or not at all, and return their sums. A plan
    that is stored already stays as it is: stock has moved since, and the file people have sent must stay true."""
    before = stored_sums(warehouse, replenishment_id)
    if before.lines or not lines:
        return before
    known = {state.place: state for state in states}
    today = now.astimezone(SHANGHAI).date()
    arrive_by = today + timedelta(days=params.lead_days + params.lead_spread_days)
    cover_until = today + timedelta(days=params.lead_days + params.cover_days)
    rows = [
        (
            replenishment_id, number, line.kind, line.priority, line.sku_id, line.wms_co_id,
            _named(line.warehouse_name, line.wms_co_id), line.source or 0,
            "" if line.source is None else _named(line.source_name, line.source),
            line.i_id, line.sku_name, line.category, line.qty, line.needed_qty, _decimal(line.daily_demand),
            *_stock(known[line.sku_id, line.wms_co_id]), line.run_out_on, arrive_by, cover_until, line.reason,
            *_cost(known[line.sku_id, line.wms_co_id], line), now, 1, 0,
        )
        for number, line in enumerate(lines, 1)
    ]  # fmt: skip
    warehouse.execute(statement("replenishment/store_lines"), rows, settings=INSERT_SETTINGS)
    return stored_sums(warehouse, replenishment_id)


def file_lines(ask: Question, replenishment_id: int, *, cost: bool) -> list[FileLine]:
    """Read the lines of a plan, the most urgent first. ``ask``: with a login that may read cost where ``cost`` is
    wanted."""
    sql = statement("replenishment/file_lines", cost=", line.cost_price" if cost else "")
    return [FileLine(*row) for row in ask(sql, {"id": replenishment_id})]


def _stock(state: SkuState) -> tuple[Decimal, Decimal, Decimal]:
    return _decimal(state.qty), _decimal(state.available), _decimal(state.in_transit)


def _cost(state: SkuState, line: PlanLine) -> tuple[Decimal, Decimal]:
    """Return price and amount; nothing is paid for what is moved."""
    price = (state.cost_price or Decimal(0)).quantize(Decimal("0.01"))
    return price, price * line.qty if line.kind == "order" else Decimal(0)


def _named(name: str, wms_co_id: int) -> str:
    return name or (_EVERYWHERE if wms_co_id == ALL_WAREHOUSES else f"仓库 {wms_co_id}")


def _decimal(number: float) -> Decimal:
    return Decimal(str(round(number, 4)))
