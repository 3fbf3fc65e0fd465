"""What a line cost is kept when it is first counted as shipped; what the SKU costs later moves no margin."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.model.module import load_module
from jst.warehouse.mart_tables import days_that_differ, days_without_cost, keep_costs, mart_names, refresh, touched
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.clickhouse
TODAY = datetime.now(SHANGHAI).date()
AT = f"{TODAY} 00:00:01"
CLOSED = date(2026, 1, 2)


def sku(warehouse: Warehouse, ticket: int, cost: str | None, sku_id: str = "A") -> None:
    body = {"sku_id": sku_id, "name": "裙", "cost_price": cost, "modified": f"2026-01-05 00:00:0{ticket}"}
    warehouse.load("sku", f"sku-{ticket}", [json.dumps(body)], ticket=ticket)


def counted(warehouse: Warehouse, version: int, day: date = TODAY) -> tuple[int, list[tuple[Any, ...]]]:
    """Costs kept, and the margin of the day then: amount, of that with known cost, cost."""
    kept = keep_costs(warehouse.client, day)
    for mart in mart_names():
        refresh(warehouse.client, mart, day, version)
    assert days_that_differ(warehouse.client) == []
    columns = "toFloat64(out_amount), toFloat64(known_amount), toFloat64(cost_amount)"
    return kept, warehouse.rows(f"SELECT {columns} FROM dws.dws_shop_margin_day FINAL WHERE biz_day = '{day}'")


def test_a_cost_that_changes_moves_no_line_that_was_counted(warehouse: Warehouse) -> None:
    sku(warehouse, 1, "4.00")
    warehouse.order(io_date=AT)
    assert counted(warehouse, 1) == (1, [(10.0, 10.0, 4.0)])
    sku(warehouse, 2, "6.00")
    warehouse.order(io_date=AT, modified="2026-01-02 13:00:00", ticket=2)
    warehouse.order(io_id="2", io_date=AT)
    assert counted(warehouse, 2) == (1, [(20.0, 20.0, 10.0)])
    assert refresh(warehouse.client, "dws_shop_margin_day", TODAY, 3) == 0


@pytest.mark.parametrize("unknown", [None, "0"])
def test_an_unknown_cost_is_kept_as_soon_as_it_is_known(warehouse: Warehouse, unknown: str | None) -> None:
    sku(warehouse, 1, unknown)
    warehouse.order(io_date=AT)
    assert counted(warehouse, 1) == (1, [(10.0, 0.0, 0.0)])
    assert keep_costs(warehouse.client, TODAY) == 0
    assert days_without_cost(warehouse.client) == []
    sku(warehouse, 2, "4.00")
    assert days_without_cost(warehouse.client) == [TODAY]
    assert counted(warehouse, 2) == (1, [(10.0, 10.0, 4.0)])
    assert days_without_cost(warehouse.client) == []


def test_a_closed_month_gets_no_cost_of_today(warehouse: Warehouse) -> None:
    sku(warehouse, 1, "4.00")
    warehouse.order()
    assert counted(warehouse, 1, CLOSED) == (0, [(10.0, 0.0, 0.0)])
    assert days_without_cost(warehouse.client) == []


def test_only_what_is_touched_is_looked_at(warehouse: Warehouse) -> None:
    for sku_id in "AB":
        sku(warehouse, 1, "4.00", sku_id)
        warehouse.order(io_id=sku_id, io_date=AT, items=[{"ioi_id": "1", "sku_id": sku_id, "qty": 1, "price": "10"}])
    keys = touched(warehouse.client, load_module("sale_out"), ["B"])[TODAY]
    assert keep_costs(warehouse.client, TODAY, keys) == 1
    assert warehouse.rows("SELECT io_id, toFloat64(cost_price) FROM dwd.dwd_line_cost FINAL") == [("B", 4.0)]


def test_a_line_that_becomes_another_sku_costs_what_that_one_does(warehouse: Warehouse) -> None:
    sku(warehouse, 1, "4.00")
    sku(warehouse, 1, "7.00", "B")
    warehouse.order(io_date=AT)
    assert counted(warehouse, 1) == (1, [(10.0, 10.0, 4.0)])
    other = [{"ioi_id": "1", "sku_id": "B", "qty": 2, "price": "10.00"}]
    warehouse.order(io_date=AT, items=other, modified="2026-01-02 13:00:00", ticket=2)
    assert counted(warehouse, 2) == (1, [(20.0, 20.0, 14.0)])
