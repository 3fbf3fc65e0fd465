"""A mart follows its wide rows wherever they go, and writes nothing else."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from jst.warehouse.marts import days_that_differ, mart_names, refresh
from tests.integration.warehouse.loading import Warehouse

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


def sums(warehouse: Warehouse, mart: str, columns: str) -> list[tuple[Any, ...]]:
    return warehouse.rows(f"SELECT toString(biz_day), {columns} FROM dws.{mart} FINAL ORDER BY ALL")


def test_each_side_counts_on_its_own_day(warehouse: Warehouse) -> None:
    warehouse.order()
    after_sale(warehouse)
    assert refreshed(warehouse, 1) == {"dws_shop_hour": 3, "dws_shop_sku_day": 2, "dws_shop_style_day": 2}
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
        assert sums(warehouse, mart, "toFloat64(out_qty)") == [("2026-01-03", 1.0)]
    assert days_that_differ(warehouse.client) == []
    warehouse.order(io_date="2026-01-02 08:00:00", modified="2026-01-03 09:00:00", ticket=3)
    refreshed(warehouse, 3)
    assert sums(warehouse, "dws_shop_sku_day", "toFloat64(out_qty)") == [("2026-01-02", 1.0)]


@pytest.mark.parametrize("status", ["Cancelled", "WaitConfirm"])
def test_what_is_shipped_no_more_is_counted_no_more(warehouse: Warehouse, status: str) -> None:
    warehouse.order()
    refreshed(warehouse, 1)
    warehouse.order(status=status, modified="2026-01-02 13:00:00", ticket=2)
    refreshed(warehouse, 2)
    assert [sums(warehouse, mart, "1") for mart in mart_names()] == [[], [], []]


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
