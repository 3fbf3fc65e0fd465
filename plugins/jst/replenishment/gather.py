"""What ClickHouse knows of every SKU in every warehouse: its stock now, and its last days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from jst.replenishment.terms import Histories, SkuHistory, SkuState
from jst.warehouse.cluster import Warehouse
from jst.warehouse.sql import statement

SEEN_DAYS = 90
Happened = tuple[date, float, int, float, int]
"""A day, pieces shipped, lines, pieces back, 1 where nothing could be sold at its end."""
_DAY = timedelta(days=1)


def read_states(warehouse: Warehouse) -> list[SkuState]:
    """Read the stock of all SKUs."""
    return [SkuState(*row) for row in warehouse.execute(statement("replenishment/states"))]


def read_histories(warehouse: Warehouse, today: date) -> Histories:
    """Read the days before ``today``, ``SEEN_DAYS`` at most and none from before the data begin: a day that was never
    read is not a day without sales."""
    asked = {"first": (today - SEEN_DAYS * _DAY).isoformat()}
    ((first, are_totals),) = warehouse.execute(statement("replenishment/first_day"), asked)
    if first is None or first >= today:
        return {}
    period = {"first": first.isoformat(), "today": today.isoformat(), "are_totals": int(are_totals)}
    return {
        (sku_id, place): history_of(first, today, created, happened)
        for sku_id, place, created, happened in warehouse.execute(statement("replenishment/histories"), period)
    }


def history_of(first: date, today: date, created: date | None, happened: Iterable[Happened]) -> SkuHistory:
    """Lay out what happened day by day. A day counts half as on sale when nothing was left at one of its ends, and not
    at all at both of them or before the SKU was ``created``; unless it was sold."""
    days = (today - first).days
    sold, lines, returned, empty = [0.0] * days, [0] * days, [0.0] * days, [0] * (days + 1)
    for day, pieces, count, back, is_empty in happened:
        place = (day - first).days
        empty[place + 1] |= is_empty
        if place >= 0:
            sold[place] += pieces
            lines[place] += count
            returned[place] += back
    made = (created - first).days if created else 0
    in_stock = ((place >= made) * (1 - (empty[place] + empty[place + 1]) / 2) for place in range(days))
    on_sale = (max(share, 0.5) if pieces else share for share, pieces in zip(in_stock, sold, strict=True))
    return SkuHistory(first, tuple(sold), tuple(lines), tuple(returned), tuple(on_sale))
