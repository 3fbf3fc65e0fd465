"""Stored labels follow the dimensions: what differs is found, and only that, and then nothing differs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.model.module import load_module
from jst.warehouse.widen_tables import label_dimensions, stale, stale_lately
from jst.workbook.shops import store_shops
from tests.support.warehouse import READ_AT, SHOPS, Warehouse

pytestmark = pytest.mark.clickhouse
LATER = {"modified": "2026-01-03 00:00:00"}
SKU = {
    "sku_id": "A",
    "i_id": "款A",
    "name": "连衣裙",
    "category": "女装",
    "brand": "甲",
    "enabled": 1,
    "cost_price": "10",
}


@pytest.fixture
def stocked(warehouse: Warehouse) -> Warehouse:
    """SKUs A (known, in warehouse 11001) and B (unknown, total), and an after-sale of each."""
    now = {"modified": "2026-01-02 12:00:00"}
    _load(warehouse, "sku", SKU | now)
    _load(warehouse, "warehouse", {"wms_co_id": 11001, "name": "杭州仓"} | now)
    _load(warehouse, "inventory", {"sku_id": "A", "wms_co_id": 11001, "qty": 2} | now, {"sku_id": "B", "qty": 1} | now)
    order: dict[str, Any] = {"status": "Waiting", "shop_id": 101, "question_type": "少件漏发"} | now
    _load(
        warehouse,
        "after_sale",
        order | {"as_id": 1, "items": [{"asi_id": 1, "sku_id": "A", "qty": 1}]},
        order | {"as_id": 2, "question_type": "", "shop_id": 999, "items": [{"asi_id": 1, "sku_id": "B", "qty": 1}]},
    )
    assert warehouse.relabel("inventory") == warehouse.relabel("after_sale") == []
    return warehouse


@pytest.mark.parametrize(
    ("change", "stock", "after_sales"),
    [
        ({"name": "新名"}, ["A"], ["1"]),
        ({"i_id": "款B"}, ["A"], ["1"]),
        ({"category": "男装"}, ["A"], ["1"]),
        ({"brand": "乙"}, ["A"], []),
        ({"enabled": None}, ["A"], []),
        ({"cost_price": "10.01"}, ["A"], []),
        ({"sale_price": "5"}, ["A"], []),
        ({"short_name": "裙"}, [], []),
        ({"sku_id": "B"}, ["B"], ["2"]),
        ({"sku_id": "ｂ\u200b"}, ["B"], ["2"]),
    ],
)
def test_a_changed_sku_is_found_where_it_shows(
    stocked: Warehouse, change: dict[str, Any], stock: list[str], after_sales: list[str]
) -> None:
    before = _versions(stocked)
    _load(stocked, "sku", SKU | change | LATER)
    assert (stocked.relabel("inventory"), stocked.relabel("after_sale")) == (stock, after_sales)
    assert stocked.relabel("inventory") == stocked.relabel("after_sale") == []
    assert _versions(stocked) == before


@pytest.mark.parametrize(
    "change",
    [{"name": "新名"}, {"i_id": "款B"}, {"category": "男装"}, {"brand": "乙"}, {"sku_id": "B"}, {"sku_id": "ｂ\u200b"}],
)
def test_of_the_skus_that_came_since_the_same_rows_are_found_as_of_all(
    stocked: Warehouse, change: dict[str, Any]
) -> None:
    since = stocked.read_at = READ_AT + timedelta(hours=1)
    stocked.order(io_id="1", items=[{"ioi_id": "1", "sku_id": "A", "qty": 1, "price": "1"}])
    stocked.order(io_id="2", items=[{"ioi_id": "1", "sku_id": "B", "qty": 1, "price": "1"}])
    _load(stocked, "sku", SKU | change | LATER)
    found = 0
    for module in map(load_module, ("sale_out", "after_sale")):
        whole = sorted(stale(stocked.client, module))
        assert sorted(stale_lately(stocked.client, module, since)) == whole
        assert stale_lately(stocked.client, module, since + timedelta(seconds=1)) == []
        found += len(whole)
    assert found


def test_only_what_labels_come_from_changes_the_number_of_the_dimensions(stocked: Warehouse) -> None:
    """What an empty search by day rests on."""

    known = [label_dimensions(stocked.client)]

    def changes() -> bool:
        known.append(label_dimensions(stocked.client))
        return known[-1] != known[-2]

    store_shops(stocked.client, replace(SHOPS, shops=(replace(SHOPS.shops[0], owner="wang"), *SHOPS.shops[1:])))
    _load(stocked, "sku", SKU | {"name": "新名"} | LATER)
    assert not changes()
    shops = replace(SHOPS, shops=(replace(SHOPS.shops[0], platform="淘宝"), *SHOPS.shops[1:]))
    store_shops(stocked.client, shops)
    assert changes()
    store_shops(
        stocked.client, replace(shops, fees=(*SHOPS.fees[:1], replace(SHOPS.fees[1], fee_rate=Decimal("0.07"))))
    )
    assert changes()
    store_shops(stocked.client, replace(shops, quality=("少件漏发",)))
    assert changes()
    _load(stocked, "warehouse", {"wms_co_id": 11001, "name": "萧山仓"} | LATER)
    assert changes()


def test_a_sku_that_comes_later_in_another_spelling_is_found(warehouse: Warehouse) -> None:
    def shown() -> list[tuple[Any, ...]]:
        return warehouse.rows("SELECT sku_id, sku_name FROM dws.dws_sale_out FINAL")

    warehouse.order(items=[{"ioi_id": "1", "sku_id": "abc-01", "qty": 1, "price": "10"}])
    assert warehouse.relabel("sale_out") == []
    _load(warehouse, "sku", SKU | {"sku_id": "ABC-01", "name": "裙"} | LATER)
    assert warehouse.relabel("sale_out") == ["1"]
    assert shown() == [("ABC-01", "裙")]
    assert warehouse.relabel("sale_out") == []
    _load(warehouse, "sku", SKU | {"sku_id": "abc-01", "name": "小写的裙"} | LATER)
    warehouse.order("again", ticket=2, items=[{"ioi_id": "1", "sku_id": "abc-01", "qty": 1, "price": "10"}])
    assert shown() == [("abc-01", "小写的裙")]


def test_a_renamed_warehouse_is_found(stocked: Warehouse) -> None:
    _load(stocked, "warehouse", {"wms_co_id": 11001, "name": "萧山仓"} | LATER)
    assert stocked.relabel("inventory") == ["A"]
    assert stocked.rows("SELECT warehouse_name FROM dws.dws_inventory FINAL ORDER BY sku_id") == [("萧山仓",), ("",)]


def test_a_sale_out_shows_the_name_of_its_warehouse(stocked: Warehouse) -> None:
    stocked.order(wms_co_id=11001, warehouse="旧名")
    assert stocked.relabel("sale_out") == []
    _load(stocked, "warehouse", {"wms_co_id": 11001, "name": "萧山仓"} | LATER)
    assert stocked.relabel("sale_out") == ["1"]
    assert stocked.relabel("sale_out") == []
    assert stocked.rows("SELECT warehouse_name FROM dws.dws_sale_out FINAL") == [("萧山仓",)]


def test_what_people_say_of_shops_and_questions_is_found(stocked: Warehouse) -> None:
    store_shops(stocked.client, replace(SHOPS, shops=(replace(SHOPS.shops[0], platform="淘宝"),)))
    assert stocked.relabel("after_sale") == ["1"]
    store_shops(stocked.client, replace(SHOPS, quality=("少件漏发",)))
    assert stocked.relabel("after_sale") == ["1"]
    assert stocked.relabel("after_sale") == []
    assert stocked.rows("SELECT as_id, is_quality FROM dws.dws_after_sale FINAL ORDER BY as_id") == [("1", 1), ("2", 0)]


def _load(warehouse: Warehouse, module: str, *records: dict[str, Any]) -> None:
    plan = f"{module}-{records[0]['modified']}"
    warehouse.load(module, plan, [json.dumps(record, ensure_ascii=False) for record in records])


def _versions(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return sorted(
        warehouse.rows(
            "SELECT sku_id, version FROM dws.dws_inventory FINAL"
            " UNION ALL SELECT as_id, version FROM dws.dws_after_sale FINAL"
        )
    )


def test_a_corrected_fee_rate_reaches_orders_of_the_open_month_and_leaves_closed_months_alone(
    warehouse: Warehouse,
) -> None:
    today = datetime.now(SHANGHAI).replace(microsecond=0, tzinfo=None)
    for io_id, day in (("open", today), ("closed", today - timedelta(days=70))):
        line = {"ioi_id": "1", "sku_id": "A", "qty": 1, "price": "10.00"}
        warehouse.order(io_id, io_id=io_id, io_date=str(day), paid_amount="33.35", items=[line])
    assert warehouse.relabel("sale_out") == []
    rates = [replace(fee, fee_rate=Decimal("0.1")) for fee in SHOPS.fees]
    store_shops(warehouse.client, replace(SHOPS, fees=tuple(rates)))
    assert warehouse.relabel("sale_out") == ["open"]
    assert warehouse.relabel("sale_out") == []
    fees = dict(warehouse.rows("SELECT io_id, platform_fee FROM dws.dws_sale_out FINAL"))
    assert fees["open"] == Decimal("3.34")
    assert fees["closed"] < Decimal("2.50")


def _order_of_day(warehouse: Warehouse, io_id: str, days_ago: int, *, shop_id: int = 101) -> None:
    day = datetime.now(SHANGHAI).replace(microsecond=0, tzinfo=None) - timedelta(days=days_ago)
    line = {"ioi_id": "1", "sku_id": "A", "qty": 1, "price": "10.00"}
    warehouse.order(io_id, io_id=io_id, shop_id=shop_id, io_date=str(day), paid_amount="100", items=[line])


def test_an_old_order_that_is_written_again_keeps_its_fee_and_shows_the_new_name(warehouse: Warehouse) -> None:
    """A rate of the past was edited, which is refused; then a SKU is renamed, and old rows are written again."""
    _order_of_day(warehouse, "closed", 70)
    (stored,) = warehouse.rows("SELECT platform_fee FROM dws.dws_sale_out FINAL")
    assert stored[0] > 0
    edited = tuple(replace(fee, fee_rate=Decimal("0.1")) for fee in SHOPS.fees)
    store_shops(warehouse.client, replace(SHOPS, fees=edited))
    _load(warehouse, "sku", SKU | {"name": "新名"} | LATER)
    assert warehouse.relabel("sale_out") == ["closed"]
    assert warehouse.rows("SELECT sku_name, platform_fee FROM dws.dws_sale_out FINAL") == [("新名", stored[0])]


def test_a_rate_with_a_day_counts_from_that_day(warehouse: Warehouse) -> None:
    today = datetime.now(SHANGHAI).date()
    for days_ago in (0, 1, 2):
        _order_of_day(warehouse, str(days_ago), days_ago)
    before = dict(warehouse.rows("SELECT io_id, platform_fee FROM dws.dws_sale_out FINAL"))
    changed = [*SHOPS.fees, replace(SHOPS.fees[0], valid_from=today - timedelta(days=1), fee_rate=Decimal("0.1"))]
    store_shops(warehouse.client, replace(SHOPS, fees=tuple(changed)))
    assert warehouse.relabel("sale_out") == ["0", "1"]
    assert dict(warehouse.rows("SELECT io_id, platform_fee FROM dws.dws_sale_out FINAL")) == before | {
        "0": Decimal(10), "1": Decimal(10),
    }  # fmt: skip


def test_the_first_rates_of_a_shop_count_for_all_its_past(warehouse: Warehouse) -> None:
    """102 has none: its fees are 0, also in months that are closed by now."""
    _order_of_day(warehouse, "old", 70, shop_id=102)
    _order_of_day(warehouse, "new", 0, shop_id=102)
    store_shops(warehouse.client, replace(SHOPS, fees=(*SHOPS.fees, replace(SHOPS.fees[0], shop_id=102))))
    assert warehouse.relabel("sale_out") == ["new", "old"]
    assert warehouse.relabel("sale_out") == []
    assert warehouse.rows("SELECT DISTINCT platform_fee FROM dws.dws_sale_out FINAL") == [(Decimal(5),)]
