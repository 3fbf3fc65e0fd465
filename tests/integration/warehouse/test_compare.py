"""What the warehouse has in a window and the source has not."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from jst.clock import SHANGHAI
from jst.model.module import load_module
from jst.model.window import TimeField, Window
from jst.warehouse.window_compare import surplus
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.clickhouse
BATCH = [("plan", 1)]


def window(start: str, end: str, field: TimeField = "modified") -> Window:
    first, last = (datetime.fromisoformat(f"2026-01-02 {text}").replace(tzinfo=SHANGHAI) for text in (start, end))
    return Window(first, last, field)


def keys(
    warehouse: Warehouse, asked: Window, batches: list[tuple[str, int]] = BATCH, module: str = "sale_out"
) -> list[str]:
    return surplus(warehouse.client, load_module(module), asked, batches)


def test_what_no_batch_brought_is_surplus_both_ends_of_the_window_included(warehouse: Warehouse) -> None:
    for number, modified in enumerate(("11:59:59", "12:00:00", "12:00:30", "12:01:00", "12:01:01")):
        warehouse.order("older", io_id=str(number), modified=f"2026-01-02 {modified}")
    warehouse.order("plan", io_id="2", modified="2026-01-02 12:00:30", ticket=2)
    assert keys(warehouse, window("12:00:00", "12:01:00")) == ["1", "3"]
    assert keys(warehouse, window("12:00:00", "12:01:00"), [("plan", 1), ("older", 1)]) == []
    assert keys(warehouse, window("12:00:00", "12:01:00"), [("plan", 2)]) == ["1", "2", "3"], "another attempt's rows"


def test_a_version_that_was_overtaken_is_not_in_the_window(warehouse: Warehouse) -> None:
    warehouse.read_at = datetime(2026, 1, 2, 13, 0, 3, tzinfo=SHANGHAI)
    warehouse.order("older", io_id="1", modified="2026-01-02 12:00:30")
    warehouse.order("newer", io_id="1", modified="2026-01-02 13:00:00")
    warehouse.order("older", io_id="2", modified="2026-01-02 13:00:00")
    warehouse.order("late", io_id="2", modified="2026-01-02 12:00:30")
    assert keys(warehouse, window("12:00:00", "12:01:00")) == []


def test_a_window_of_io_date_is_compared_by_io_date(warehouse: Warehouse) -> None:
    warehouse.order("older", io_id="1", io_date="2026-01-02 09:00:00")
    warehouse.order("older", io_id="2", io_date="2026-01-02 10:00:00")
    warehouse.order("older", io_id="3", io_date="")
    assert keys(warehouse, window("09:30:00", "10:30:00", "io_date")) == ["2"]


def test_the_stock_of_each_warehouse_is_a_key_of_its_own_and_so_is_the_total(warehouse: Warehouse) -> None:
    body = {"sku_id": "A", "qty": 1, "modified": "2026-01-02 12:00:30"}
    warehouse.load("inventory", "older", [json.dumps(body | {"wms_co_id": number}) for number in (0, 1, 2)])
    assert keys(warehouse, window("12:00:00", "12:01:00"), module="inventory") == ["A", "A@1", "A@2"]
