"""The lines of a plan are stored once, and what came of them is counted as it happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from jst.clock import SHANGHAI
from jst.replenishment.plan_lines import file_lines, store_lines
from jst.replenishment.terms import Params, PlanLine, SkuState
from jst.warehouse.sql import statement
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.clickhouse
MADE = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
DAY = MADE.date()
PARAMS = Params(lead_days=2, lead_spread_days=1, cover_days=6)
STATES = [
    SkuState("A", 1, 5.0, locked=8.0, in_transit=2.0, cost_price=Decimal("3.333")),
    SkuState("B", 1, 0.0, cost_price=Decimal(2)),
    SkuState("C", 1, 1.0),
]
LINES = [
    PlanLine("order", "A", 1, 10, 12, "缺 12 件", 1, DAY + timedelta(days=1), 1.25, warehouse_name="杭州"),
    PlanLine("order", "C", 1, 4, 4, "缺 4 件", 2, None, 0.1, warehouse_name="杭州"),
    PlanLine("move", "B", 1, 3, 3, "北京有", 3, None, 0.2, source=2, source_name="北京", warehouse_name="杭州"),
]


def test_a_plan_is_stored_once_however_often_it_is_made(warehouse: Warehouse) -> None:
    client = warehouse.client
    sums = store_lines(client, 7, LINES, STATES, PARAMS, MADE)
    assert (sums.lines, sums.amount) == (3, Decimal("33.30"))
    later = [replace(LINES[0], qty=99)]
    assert store_lines(client, 7, later, STATES, PARAMS, MADE + timedelta(hours=1)) == sums
    client.execute("INSERT INTO dim.dim_sku (sku_id, properties_value, version) VALUES", [("A", "红;XL", 1)])
    first, _, move = file_lines(client.execute, 7, cost=True)
    assert (first.qty, first.needed_qty, int(first.available_qty), int(first.in_transit_qty)) == (10, 12, -3, 2)
    assert (first.properties, first.reason, first.cost_price) == ("红;XL", "缺 12 件", Decimal("3.33"))
    assert (move.kind, move.warehouse, move.from_warehouse) == ("move", "杭州", "北京")
    assert file_lines(client.execute, 7, cost=False)[0].cost_price is None
    assert file_lines(client.execute, 8, cost=False) == []
    assert store_lines(client, 8, [], STATES, PARAMS, MADE).lines == 0


def looked_back(warehouse: Warehouse, day: date) -> list[tuple[object, ...]]:
    now = datetime.combine(day, MADE.timetz())
    for _ in range(2):
        warehouse.client.execute(
            statement("replenishment/look_back"), {"today": day.isoformat(), "now": int(now.timestamp())}
        )
    rows = warehouse.client.execute(statement("replenishment/outcomes"), {"ids": [7]})
    return [row[1:] for row in rows]


def test_what_came_of_a_plan_is_counted_from_stock_and_sales(warehouse: Warehouse) -> None:
    """A arrives: 5 → 9 while 7 are sold and 1 comes back, 2 of it on their way before the plan. C is ordered and runs
    out after it could be there; B is out only before that. D grew by what was on its way, and nothing more came."""
    client = warehouse.client
    late = PlanLine("order", "D", 1, 5, 5, "缺 5 件", 4, None, 0.1, warehouse_name="杭州")
    store_lines(client, 7, [*LINES, late], [*STATES, SkuState("D", 1, 1.0, in_transit=6.0)], PARAMS, MADE)
    stock = {
        "A": [(-1, 5, 2, 1), (0, 4, 2, 4), (3, 9, 0, 9), (4, 9, 0, 9)],
        "B": [(-1, 0, 0, 0), (0, 0, 0, 0), (3, 3, 0, 3), (4, 2, 0, 2)],
        "C": [(-1, 1, 0, 1), (0, 1, 0, 1), (3, 0, 4, 0), (4, 1, 4, 1)],
        "D": [(-1, 1, 6, 1), (0, 1, 6, 1), (3, 7, 0, 7), (4, 7, 0, 7)],
    }
    client.execute(
        "INSERT INTO dws.dws_inventory_day (day, sku_id, wms_co_id, qty, purchase_qty, available_qty, version) VALUES",
        [(DAY + timedelta(days=day), sku, 1, *rest, 1) for sku, days in stock.items() for day, *rest in days],
    )
    client.execute(
        "INSERT INTO dws.dws_shop_sku_day (biz_day, shop_id, sku_id, out_qty, return_qty, version) VALUES",
        [(DAY + timedelta(days=day), shop, "A", out, back, 1)
         for day, shop, out, back in ((-3, 101, 50, 0), (0, 101, 4, 1), (2, 102, 3, 0), (6, 101, 70, 0))],
    )  # fmt: skip
    assert looked_back(warehouse, DAY) == []
    (outcome,) = looked_back(warehouse, DAY + timedelta(days=5))
    # until, SKUs, arrived, pieces arrived, proposed, ordered, ran out, sold. B came from another warehouse, which has
    # no daily stock here: 2 pieces
    assert outcome == (DAY + timedelta(days=4), 4, 2, Decimal(10), Decimal(19), 1, 1, Decimal(7))
