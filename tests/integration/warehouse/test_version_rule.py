"""Rows whose versions were made by the rule of before lie beside those of today, and none of them wins for ever."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.flow.reading.records import least_version
from jst.model.module import load_module
from jst.model.window import Window
from jst.warehouse import window_compare
from jst.warehouse.day_compare import compare
from jst.warehouse.outranking_rows import bring_down, outranking
from jst.warehouse.widen_tables import widen
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.clickhouse
SALE_OUT = load_module("sale_out")
DAY = date(2026, 1, 2)
NOON = datetime(2026, 1, 2, 12, tzinfo=SHANGHAI)
MINUTE = Window(NOON, NOON + timedelta(seconds=59))


def as_before(warehouse: Warehouse) -> None:
    """Give all orders the version they had by the rule of before, in DWD and in the wide table."""
    execute = warehouse.client.execute
    old = (
        "bitShiftLeft(toUInt64(toUnixTimestamp(assumeNotNull(modified))), 32) + bitAnd(ifNull(ts, ticket), 0xFFFFFFFF)"
    )
    execute(f"CREATE TEMPORARY TABLE old AS SELECT * REPLACE ({old} AS version) FROM dwd.dwd_sale_out FINAL")
    for table in ("dwd.dwd_sale_out", "dws.dws_sale_out"):
        execute(f"TRUNCATE TABLE {table}")
    execute("INSERT INTO dwd.dwd_sale_out SELECT * FROM old")
    execute("DROP TEMPORARY TABLE old")
    widen(warehouse.client, SALE_OUT, [key for (key,) in warehouse.rows("SELECT io_id FROM dwd.dwd_sale_out")])


def test_a_window_counts_and_compares_rows_of_both_rules_alike(warehouse: Warehouse) -> None:
    warehouse.order("old", io_id="1", modified="2026-01-02 12:00:01", ts=2**32 - 5)
    warehouse.order("old", io_id="2", modified="2026-01-02 12:00:02", ts=2**32 - 4)
    as_before(warehouse)
    warehouse.order("new", io_id="2", modified="2026-01-02 12:00:02", ts=2**32 + 5, status="Cancelled")
    warehouse.order("new", io_id="3", modified="2026-01-02 12:00:03", ts=2**32 + 6)
    warehouse.order("new", io_id="4", modified="2026-01-02 13:00:00", ts=2**32 + 7)
    client = warehouse.client
    assert window_compare.count(client, SALE_OUT, [MINUTE], []) == [3]
    held = window_compare.held(client, SALE_OUT, MINUTE)
    assert held == {str(key): int(NOON.timestamp()) + key for key in (1, 2, 3)}
    stored = window_compare.versions_of(client, SALE_OUT, ["1", "2", "3"])
    assert stored == {
        "1": least_version(NOON, 2**32 - 5), "2": least_version(NOON, 2**32 + 5), "3": least_version(NOON, 2**32 + 6)
    }  # fmt: skip
    assert warehouse.rows("SELECT status FROM dws.dws_sale_out FINAL WHERE io_id = '2'") == [("Cancelled",)]


def test_a_certificate_over_rows_of_both_rules_finds_the_old_ones_the_same(warehouse: Warehouse) -> None:
    for number in (1, 2, 3):
        warehouse.order("old", io_id=str(number), ts=number, pay_amount=10)
    as_before(warehouse)
    warehouse.order("new", io_id="2", ts=2**32, pay_amount=10)
    body = {"io_id": "3", "modified": "2026-01-02 12:00:00", "io_date": "2026-01-02 11:59:00", "ts": 9, "items": []}
    warehouse.store("sale_out", "unseen", [json.dumps(body)])
    (old,) = compare(warehouse.client, SALE_OUT, DAY, [("old", 1, "day")])
    assert (old.keys, old.missing, old.different, old.moved) == (3, [], [], 1)
    (unseen,) = compare(warehouse.client, SALE_OUT, DAY, [("unseen", 1, "day")])
    assert unseen.different == ["3"]


@pytest.mark.parametrize("modified", ["2037-05-01 00:00:00", "2062-01-02 12:00:00"])
@pytest.mark.parametrize("ts", [{}, {"ts": 100}])
def test_a_stored_time_of_the_future_is_brought_down_and_stays_visible(
    warehouse: Warehouse, modified: str, ts: dict[str, int]
) -> None:
    warehouse.order("old", io_id="1", modified=modified, **ts)
    as_before(warehouse)
    warehouse.order("old", io_id="2")
    found = outranking(warehouse.client, SALE_OUT)
    assert set(found) <= {"1"}
    for _ in range(2):  # a killed adoption is done again
        bring_down(warehouse.client, SALE_OUT, found)
        widen(warehouse.client, SALE_OUT, found)
    assert warehouse.rows("SELECT io_id FROM dws.dws_sale_out FINAL ORDER BY io_id") == [("1",), ("2",)]
    assert outranking(warehouse.client, SALE_OUT) == []
    later = {"ts": 101} if ts else {}
    warehouse.order("new", io_id="1", modified="2026-01-02 12:00:04", status="Cancelled", ticket=2, **later)
    assert warehouse.rows("SELECT status FROM dws.dws_sale_out FINAL WHERE io_id = '1'") == [("Cancelled",)]


def test_no_table_of_any_module_holds_what_outranks_the_rule(warehouse: Warehouse) -> None:
    rows: dict[str, dict[str, Any]] = {
        "inventory": {"sku_id": "A", "qty": 1},
        "after_sale": {"as_id": "1"},
        "sku": {"sku_id": "A"},
    }
    for module, row in rows.items():
        warehouse.load(module, "plan", [json.dumps({**row, "modified": "2062-01-02 12:00:00"})])
        assert outranking(warehouse.client, load_module(module)) == []
