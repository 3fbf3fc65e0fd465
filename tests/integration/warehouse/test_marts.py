"""A mart follows its wide rows wherever they go, and writes nothing else."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from jst.model.module import load_module
from jst.warehouse.mart_tables import days_that_differ, mart_names, refresh, refresh_week, touched
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.clickhouse
FIRST, SECOND = date(2026, 1, 2), date(2026, 1, 3)


def refreshed(warehouse: Warehouse, version: int, *days: date) -> dict[str, int]:
    """Rows written by mart."""
    return {
        mart: sum(refresh(warehouse.client, mart, day, version) for day in days or (FIRST, SECOND))
        for mart in mart_names()
    }


def after_sale(warehouse: Warehouse, ticket: int = 1, **fields: Any) -> None:
    facts = {
        "as_id": "9", "shop_id": 101, "type": "普通退货", "status": "Refund", "refund": "3.00",
        "created": "2026-01-02 10:00:00", "confirm_date": "2026-01-03 09:00:00", "modified": "2026-01-03 09:00:00",
        "items": [{"asi_id": "1", "sku_id": "A", "qty": 1, "r_qty": 1, "price": "3.00"}],
    }  # fmt: skip
    warehouse.load("after_sale", "plan", [json.dumps(facts | fields)], ticket=ticket)


def test_a_style_nobody_buys_any_more_leaves_the_week(warehouse: Warehouse) -> None:
    for number in ("1", "2"):
        line = {"ioi_id": "1", "sku_id": number, "i_id": f"款{number}", "qty": 1, "price": "1"}
        warehouse.order(io_id=number, items=[line])
    refreshed(warehouse, 1)
    assert refresh_week(warehouse.client, 1) == 2
    warehouse.order(io_id="2", status="Cancelled", modified="2026-01-02 13:00:00", ticket=2)
    refreshed(warehouse, 2)
    assert refresh_week(warehouse.client, 2) == 1
    assert warehouse.rows("SELECT i_id FROM dws.dws_shop_style_week FINAL") == [("款1",)]
    assert days_that_differ(warehouse.client) == []


def test_the_week_ends_on_the_newest_day_and_is_found_when_it_lags(warehouse: Warehouse) -> None:
    warehouse.order()
    refreshed(warehouse, 1)
    warehouse.order(io_id="2", io_date="2026-01-09 10:00:00")
    refreshed(warehouse, 2, date(2026, 1, 9))
    refresh_week(warehouse.client, 2)
    days = "toString(as_of_day), out_order_count"
    assert warehouse.rows(f"SELECT {days} FROM dws.dws_shop_style_week FINAL") == [("2026-01-09", 2)]
    warehouse.order(io_id="3", io_date="2026-01-10 10:00:00")
    warehouse.order(io_id="4", io_date="2100-01-01 10:00:00")  # the source's mistake
    for day in (date(2026, 1, 10), date(2100, 1, 1)):
        refreshed(warehouse, 3, day)
    refresh_week(warehouse.client, 3)  # the second of January has left the window
    assert warehouse.rows(f"SELECT {days} FROM dws.dws_shop_style_week FINAL") == [("2026-01-10", 2)]
    assert days_that_differ(warehouse.client) == []
    warehouse.order(io_id="5", io_date="2026-01-10 11:00:00")
    refreshed(warehouse, 4, date(2026, 1, 10))
    assert days_that_differ(warehouse.client) == [date(2026, 1, 10)]


def test_only_what_is_touched_is_counted_anew(warehouse: Warehouse) -> None:
    """Two orders change, of different shops, hours, SKUs and styles; the load tells of one of them."""
    sku = {"name": "裙", "category": "女装", "modified": "2026-01-02 10:00:00"}
    warehouse.load("sku", "plan", [json.dumps(sku | {"sku_id": each, "i_id": f"款{each}"}) for each in "AB"])
    warehouse.order()
    warehouse.order(io_id="2", shop_id=102, io_date="2026-01-02 08:00:00",
                    items=[{"ioi_id": "1", "sku_id": "B", "qty": 1, "price": "10.00"}])  # fmt: skip
    refreshed(warehouse, 1)
    for io_id in ("1", "2"):
        change = f"ALTER TABLE dws.dws_sale_out UPDATE out_amount = 70 WHERE io_id = '{io_id}'"
        warehouse.client.execute(change, settings={"mutations_sync": 1})
    found = touched(warehouse.client, load_module("sale_out"), ["2"])
    assert found == {FIRST: {(102, 8, "B", "款B")}}
    for mart in mart_names():
        assert refresh(warehouse.client, mart, FIRST, 2, found[FIRST]) == 1, mart
        assert sums(warehouse, mart, "shop_id, toFloat64(out_amount)") == [
            ("2026-01-02", 101, 10.0), ("2026-01-02", 102, 70.0)
        ]  # fmt: skip
        assert refresh(warehouse.client, mart, FIRST, 3, set()) == 0
    assert set(refreshed(warehouse, 4).values()) == {1}


@pytest.mark.parametrize("module", ["sale_out", "after_sale"])
def test_of_very_many_keys_only_the_days_are_told(warehouse: Warehouse, module: str) -> None:
    warehouse.order()
    after_sale(warehouse)
    known = {"sale_out": "1", "after_sale": "9"}[module]
    found = touched(warehouse.client, load_module(module), [known])
    many = touched(warehouse.client, load_module(module), [known, *(f"x{number}" for number in range(5_000))])
    assert found
    assert many == dict.fromkeys(found)


def test_an_after_sale_touches_the_day_it_was_created_and_the_day_it_was_paid(warehouse: Warehouse) -> None:
    after_sale(warehouse)
    found = touched(warehouse.client, load_module("after_sale"), ["9"])
    assert found == {FIRST: {(101, 10, "A", "")}, SECOND: {(101, 9, "A", "")}}


def sums(warehouse: Warehouse, mart: str, columns: str) -> list[tuple[Any, ...]]:
    return warehouse.rows(f"SELECT toString(biz_day), {columns} FROM dws.{mart} FINAL ORDER BY ALL")


def test_each_side_counts_on_its_own_day(warehouse: Warehouse) -> None:
    warehouse.order()
    after_sale(warehouse)
    assert refreshed(warehouse, 1) == {
        "dws_shop_hour": 3, "dws_shop_sku_day": 2, "dws_shop_style_day": 2, "dws_shop_warehouse_day": 1,
        "dws_shop_margin_day": 2,
    }  # fmt: skip
    columns = "biz_hour, toFloat64(out_amount), out_order_count, toFloat64(refund_amount), refund_order_count"
    assert sums(warehouse, "dws_shop_hour", f"{columns}, after_sale_count, toFloat64(return_qty)") == [
        ("2026-01-02", 10, 0.0, 0, 0.0, 0, 1, 1.0),
        ("2026-01-02", 11, 10.0, 1, 0.0, 0, 0, 0.0),
        ("2026-01-03", 9, 0.0, 0, 3.0, 1, 0, 0.0),
    ]
    assert sums(warehouse, "dws_shop_sku_day", "sku_id, toFloat64(out_amount), toFloat64(refund_amount)") == [
        ("2026-01-02", "A", 10.0, 0.0), ("2026-01-03", "A", 0.0, 3.0)
    ]  # fmt: skip
    assert days_that_differ(warehouse.client) == []


def test_an_order_that_moves_to_another_day_leaves_the_first(warehouse: Warehouse) -> None:
    warehouse.order()
    refreshed(warehouse, 1)
    warehouse.order(io_date="2026-01-03 08:00:00", modified="2026-01-03 08:00:00", ticket=2)
    assert days_that_differ(warehouse.client) == [FIRST, SECOND]
    assert refreshed(warehouse, 2) == dict.fromkeys(mart_names(), 2)  # one gone, one new
    for mart in mart_names():
        assert sums(warehouse, mart, "toFloat64(out_amount)") == [("2026-01-03", 10.0)]
    assert days_that_differ(warehouse.client) == []
    warehouse.order(io_date="2026-01-02 08:00:00", modified="2026-01-03 09:00:00", ticket=3)
    refreshed(warehouse, 3)
    assert sums(warehouse, "dws_shop_sku_day", "toFloat64(out_qty)") == [("2026-01-02", 1.0)]


def test_hours_from_before_a_column_are_counted_anew(warehouse: Warehouse) -> None:
    warehouse.order(pay_date="2026-01-02 10:59:00", io_date="2026-01-02 11:00:00")
    refreshed(warehouse, 1)
    kept = "biz_day, shop_id, biz_hour, out_order_count, out_qty, out_amount, paid_amount"
    warehouse.client.execute(
        f"INSERT INTO dws.dws_shop_hour ({kept}, digest, version) SELECT {kept}, 1, 2 FROM dws.dws_shop_hour FINAL"
    )
    assert sums(warehouse, "dws_shop_hour", "lead_order_count, lead_seconds") == [("2026-01-02", 0, 0)]
    assert days_that_differ(warehouse.client) == [FIRST]
    refreshed(warehouse, 3)
    assert sums(warehouse, "dws_shop_hour", "lead_order_count, lead_seconds") == [("2026-01-02", 1, 60)]
    assert days_that_differ(warehouse.client) == []


@pytest.mark.parametrize("status", ["Cancelled", "WaitConfirm"])
def test_what_is_shipped_no_more_is_counted_no_more(warehouse: Warehouse, status: str) -> None:
    warehouse.order()
    refreshed(warehouse, 1)
    warehouse.order(status=status, modified="2026-01-02 13:00:00", ticket=2)
    refreshed(warehouse, 2)
    assert [sums(warehouse, mart, "1") for mart in mart_names()] == [[]] * len(mart_names())


def test_a_line_exchanged_for_another_changes_the_orders_not_only_their_number(warehouse: Warehouse) -> None:
    warehouse.order()
    warehouse.order(io_id="2", status="WaitConfirm")
    refreshed(warehouse, 1)
    warehouse.order(status="Cancelled", modified="2026-01-02 13:00:00", ticket=2)
    warehouse.order(io_id="2", modified="2026-01-02 13:00:00", ticket=2)
    assert refreshed(warehouse, 2)["dws_shop_sku_day"] == 1
    assert warehouse.rows(
        "SELECT uniqExactMerge(out_orders) FROM (SELECT out_orders FROM dws.dws_shop_sku_day FINAL UNION ALL"
        " SELECT uniqExactState(io_id) FROM dws.dws_sale_out FINAL WHERE is_shipped GROUP BY biz_day)"
    ) == [(1,)]


def test_new_labels_reach_the_marts(warehouse: Warehouse) -> None:
    sku = {"sku_id": "A", "i_id": "款", "name": "裙", "category": "女装", "modified": "2026-01-02 10:00:00"}
    warehouse.load("sku", "plan", [json.dumps(sku)])
    warehouse.order()
    refreshed(warehouse, 1)
    warehouse.load("sku", "plan", [json.dumps(sku | {"category": "童装", "i_id": "新款"})], ticket=2)
    warehouse.relabel("sale_out")
    refreshed(warehouse, 2)
    assert sums(warehouse, "dws_shop_sku_day", "i_id, category") == [("2026-01-02", "新款", "童装")]
    assert sums(warehouse, "dws_shop_style_day", "i_id, category") == [("2026-01-02", "新款", "童装")]


def test_an_order_sent_from_another_warehouse_leaves_the_first(warehouse: Warehouse) -> None:
    warehouse.order(wms_co_id=11001)
    warehouse.order(io_id="2", wms_co_id=11002)
    refreshed(warehouse, 1)
    warehouse.order(wms_co_id=11002, modified="2026-01-02 13:00:00", ticket=2)
    found = touched(warehouse.client, load_module("sale_out"), ["1"])
    assert refresh(warehouse.client, "dws_shop_warehouse_day", FIRST, 2, found[FIRST]) == 2
    columns = "wms_co_id, out_order_count, toFloat64(out_amount)"
    assert sums(warehouse, "dws_shop_warehouse_day", columns) == [("2026-01-02", 11002, 2, 20.0)]


@pytest.mark.parametrize("mart", ["dws_shop_warehouse_day", "dws_shop_margin_day"])
def test_a_mart_of_one_side_that_was_changed_by_hand_is_found(warehouse: Warehouse, mart: str) -> None:
    warehouse.order()
    after_sale(warehouse)
    refreshed(warehouse, 1)
    change = f"ALTER TABLE dws.{mart} UPDATE out_amount = 9 WHERE biz_day = '{FIRST}'"
    warehouse.client.execute(change, settings={"mutations_sync": 1})
    assert days_that_differ(warehouse.client) == [FIRST]
    warehouse.client.execute(f"TRUNCATE TABLE dws.{mart}")
    assert FIRST in days_that_differ(warehouse.client)


@pytest.mark.parametrize("mart", ["dws_shop_hour", "dws_shop_sku_day", "dws_shop_style_day"])
def test_a_mart_that_was_changed_by_hand_is_found(warehouse: Warehouse, mart: str) -> None:
    warehouse.order()
    after_sale(warehouse)
    refreshed(warehouse, 1)
    kept = warehouse.rows(f"SELECT count() FROM dws.{mart} FINAL")
    for column in ("out_qty", "out_amount", "paid_amount", "refund_amount", "return_qty"):
        for change in ("+ 1", "- 1"):
            sql = f"ALTER TABLE dws.{mart} UPDATE {column} = {column} {change} WHERE biz_day = '2026-01-03'"
            warehouse.client.execute(sql, settings={"mutations_sync": 1})
            assert days_that_differ(warehouse.client) == ([SECOND] if change == "+ 1" else []), column
    assert kept != [(0,)]
    warehouse.client.execute(f"TRUNCATE TABLE dws.{mart}")
    assert days_that_differ(warehouse.client) == [FIRST, SECOND]
