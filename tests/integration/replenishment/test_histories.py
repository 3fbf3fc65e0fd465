"""What is read of stock, sales and returns, and how long it then says that a SKU lasts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.replenishment.experience import Promo
from jst.replenishment.gather import read_histories, read_states
from jst.replenishment.outlook import refresh
from tests.support.fake_source import FakeClock
from tests.support.warehouse import Warehouse

TODAY = date(2026, 3, 9)
"""A Monday."""
NOW = datetime(2026, 3, 9, 12, tzinfo=SHANGHAI)


KEY_TIME = datetime(2026, 3, 1, tzinfo=SHANGHAI)


class OrdinaryDays:
    def of(self, day: date) -> Promo | None:
        return None


def back(days: int) -> date:
    return TODAY - timedelta(days=days)


def insert(warehouse: Warehouse, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        columns = ", ".join((*row, "version", "is_deleted"))
        warehouse.client.execute(f"INSERT INTO dws.{table} ({columns}) VALUES", [(*row.values(), 1, 0)])


def sold(warehouse: Warehouse, sku_id: str, house: int, days_ago: int, *quantities: int, **other: Any) -> None:
    insert(
        warehouse,
        "dws_sale_out",
        *(
            {
                **{"io_id": f"{sku_id}{house}{days_ago}{number}", "line_id": "1", "o_id": f"{sku_id}{house}{days_ago}"},
                **{"sku_id": sku_id, "wms_co_id": house, "biz_day": back(days_ago), "qty": quantity, "is_shipped": 1},
                **{"key_time": KEY_TIME, "is_abnormal": 0, **other},
            }
            for number, quantity in enumerate(quantities)
        ),
    )


def stock(sku_id: str, house: int, qty: int, **other: Any) -> dict[str, Any]:
    return {"sku_id": sku_id, "wms_co_id": house, "qty": qty, "order_lock": 0, "enabled": 1, **other}


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    """Two warehouses, ten days; the first day of all was read in part."""
    sold(warehouse, "OLD", 1, 12, 9)
    sold(warehouse, "A", 1, 3, 2, 1)
    sold(warehouse, "A", 2, 1, 4)
    sold(warehouse, "A", 1, 0, 7)  # today is not over
    sold(warehouse, "A", 1, 2, 5, is_shipped=0)
    after = {"line_id": "1", "sku_id": "A", "key_time": KEY_TIME, "status": "已退款", "return_qty": 1}
    insert(
        warehouse,
        "dws_after_sale",
        {**after, "as_id": "1", "o_id": "A13", "biz_day": back(1), "is_quality": 0},
        {**after, "as_id": "2", "o_id": "A13", "biz_day": back(1), "is_quality": 1},
        {**after, "as_id": "3", "o_id": "A21", "biz_day": back(1), "is_quality": 0, "status": "已取消"},
    )
    insert(
        warehouse,
        "dws_inventory_day",
        *({"day": back(days), "sku_id": "A", "wms_co_id": 2, "qty": 3, "order_lock": 3} for days in (7, 6)),
    )
    insert(
        warehouse,
        "dws_inventory",
        stock(
            "A", 1, 10, order_lock=2, purchase_qty=5, min_qty=4, max_qty=40, cost_price=Decimal("1.50"), category="帽"
        ),
        stock("A", 2, 4),
        stock("NEVER", 1, 3, enabled=None),
    )
    return warehouse


def test_days_are_read_as_they_were(shop: Warehouse) -> None:
    read = read_histories(shop.client, TODAY)
    first = read["A", 1]
    assert (first.first, len(first.sold)) == (back(11), 11), "the oldest day of all may have been read in part"
    assert first.sold == (0,) * 8 + (3, 0, 0)
    assert first.lines == (0,) * 8 + (2, 0, 0)
    assert first.returned == (0,) * 10 + (1,), "what is broken or cancelled is not sold again"
    assert read["A", 2].sold == (0,) * 10 + (4,)
    assert read["A", 2].in_stock == (1, 1, 1, 1, 0.5, 0, 0.5, 1, 1, 1, 1), "empty at the ends of two days"
    assert sum(read["NEVER", 1].sold) == 0, "what never sold has a history of zeros"


def test_stock_is_read_as_it_stands(shop: Warehouse) -> None:
    first, second, never = read_states(shop.client)
    assert (first.place, first.available, first.position) == (("A", 1), 8, 13)
    assert (first.min_qty, first.max_qty, first.cost_price, first.category) == (4, 40, Decimal("1.50"), "帽")
    assert (second.min_qty, second.cost_price) == (None, None)
    assert never.enabled, "a source that does not say so means that it is"


def test_totals_gather_the_sales_of_all_warehouses(shop: Warehouse) -> None:
    shop.client.execute("TRUNCATE TABLE dws.dws_inventory")
    insert(shop, "dws_inventory", stock("A", 0, 14))
    assert read_histories(shop.client, TODAY)["A", 0].sold == (0,) * 8 + (3, 0, 4)


def test_the_outlook_follows_the_stock(shop: Warehouse) -> None:
    def outlook() -> dict[tuple[str, int], tuple[Any, ...]]:
        rows = shop.rows(
            "SELECT sku_id, wms_co_id, available_qty, daily_demand, days_of_stock, run_out_at"
            " FROM dws.dws_sku_outlook FINAL"
        )
        return {(sku_id, house): tuple(rest) for sku_id, house, *rest in rows}

    assert refresh(shop.client, FakeClock(NOW), OrdinaryDays()) == 3
    available, daily, days, empty_at = outlook()["A", 2]
    assert available == 4
    assert days == pytest.approx(available / daily, abs=0.01)
    assert (empty_at - NOW).total_seconds() / 86_400 == pytest.approx(float(days), abs=0.001)
    assert outlook()["NEVER", 1][2:] == (None, None), "what does not sell has no days of stock"
    shop.client.execute("TRUNCATE TABLE dws.dws_inventory")
    insert(shop, "dws_inventory", stock("A", 2, 2))
    refresh(shop.client, FakeClock(NOW + timedelta(hours=1)), OrdinaryDays())
    assert {place: row[0] for place, row in outlook().items()} == {("A", 2): 2}, "what is gone is withdrawn"
