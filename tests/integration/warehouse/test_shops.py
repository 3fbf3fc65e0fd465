"""What the shops workbook becomes in the tables: rates that stay, shops, provinces."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jst.warehouse.sql import statement
from jst.workbook.shops import Fee, fees_in_force, read_workbook, store_shops
from tests.support.shop_books import FEE, PLACE, SHOP, shop_book
from tests.support.warehouse import Warehouse

LISTED = "2026-01-02 12:00:00"
CLOSED = date(2026, 11, 1)


def _fees(*steps: tuple[str, str], shop_id: int = 101) -> list[Fee]:
    return [Fee(shop_id, date.fromisoformat(day), Decimal(share)) for day, share in steps]


@pytest.mark.parametrize(
    ("stored", "wanted", "in_force"),
    [
        ([], [("2025-01-01", "0.05")], [("2025-01-01", "0.05")]),  # a shop's first rates count in full
        (  # a new rate with its day, as it should be done
            [("2025-01-01", "0.05")],
            [("2025-01-01", "0.05"), ("2026-11-20", "0.06")],
            [("2025-01-01", "0.05"), ("2026-11-20", "0.06")],
        ),
        ([("2025-01-01", "0.05")], [("2025-01-01", "0.06")], [("2025-01-01", "0.05"), ("2026-11-01", "0.06")]),
        (  # asked for again, it is the same
            [("2025-01-01", "0.05"), ("2026-11-01", "0.06")],
            [("2025-01-01", "0.06")],
            [("2025-01-01", "0.05"), ("2026-11-01", "0.06")],
        ),
        (
            [("2025-01-01", "0.05"), ("2026-03-01", "0.06")],
            [("2025-01-01", "0.05"), ("2026-05-01", "0.06")],  # its day was moved: before, the old one counts
            [("2025-01-01", "0.05"), ("2026-03-01", "0.06")],
        ),
        (  # taken back before it came
            [("2025-01-01", "0.05"), ("2026-12-01", "0.06")],
            [("2025-01-01", "0.05")],
            [("2025-01-01", "0.05")],
        ),
        ([("2025-01-01", "0.05")], [], [("2025-01-01", "0.05"), ("2026-11-01", "0")]),  # it left the workbook
        ([("2026-11-10", "0.05")], [("2026-11-10", "0.06")], [("2026-11-10", "0.06")]),
    ],
)
def test_closed_months_keep_their_rates(
    stored: list[tuple[str, str]], wanted: list[tuple[str, str]], in_force: list[tuple[str, str]]
) -> None:
    assert fees_in_force(_fees(*stored), _fees(*wanted), CLOSED) == _fees(*in_force)


def test_rates_of_other_shops_are_their_own() -> None:
    other = _fees(("2025-01-01", "0.02"), shop_id=102)
    assert fees_in_force(_fees(("2025-01-01", "0.05")), [*_fees(("2025-01-01", "0.05")), *other], CLOSED) == [
        *_fees(("2025-01-01", "0.05")), *other,
    ]  # fmt: skip


@pytest.mark.clickhouse
def test_dim_says_what_the_workbook_says(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.client.execute("TRUNCATE TABLE dim.dim_shop_fee")
    boss = {"账号": "boss", "姓名": "王总", "手机": "", "钉钉账号": "", "飞书账号": "", "店铺编号": "101，103"}
    shops, fees = [SHOP, SHOP | {"店铺编号": 103}], [FEE, FEE | {"生效日期": "2099-03-01"}]
    first = read_workbook(shop_book(tmp_path, shops, fees, 人员=[boss]))
    assert store_shops(warehouse.client, first) == [101, 102, 103]  # 102 left, 101 has rates
    assert store_shops(warehouse.client, first) == []
    assert warehouse.rows(statement("messages/owners")) == [
        (101, "boss"), (101, "zhang.wei"), (103, "boss"), (103, "zhang.wei")
    ]  # fmt: skip
    renamed = read_workbook(shop_book(tmp_path, [SHOP, SHOP | {"店铺编号": 103, "店铺名称": "新名"}], [FEE]))
    assert store_shops(warehouse.client, renamed) == [101, 103]
    assert warehouse.rows(statement("messages/owners")) == [(101, "zhang.wei"), (103, "zhang.wei")]
    assert warehouse.rows("SELECT shop_id, shop_name FROM dim.dim_shop FINAL ORDER BY shop_id") == [
        (101, "天猫旗舰店"),
        (103, "新名"),
    ]
    assert warehouse.rows("SELECT * EXCEPT (version, is_deleted) FROM dim.dim_shop_fee FINAL") == [
        (101, date(2025, 1, 1), Decimal("0.05"))
    ]


@pytest.mark.clickhouse
def test_a_shop_the_workbook_does_not_name_is_the_sources(warehouse: Warehouse, tmp_path: Path) -> None:
    """The workbook is in charge of the shops it names; those it drops go back to what the source says."""
    listed = [
        {"shop_id": n, "shop_name": f"源端 {n}", "shop_site": "抖音", "modified": LISTED} for n in (101, 103, 109)
    ]
    warehouse.load("shop", "plan", [json.dumps(shop) for shop in listed])
    named = [SHOP, SHOP | {"店铺编号": 103, "店铺名称": "工作簿的店"}]
    assert store_shops(warehouse.client, read_workbook(shop_book(tmp_path, named, [FEE]))) == [101, 102, 103]
    assert _shops(warehouse) == [(101, "天猫旗舰店", "天猫"), (103, "工作簿的店", "天猫"), (109, "源端 109", "抖音")]
    store_shops(warehouse.client, read_workbook(shop_book(tmp_path, [SHOP], [FEE])))
    assert _shops(warehouse) == [(101, "天猫旗舰店", "天猫"), (103, "源端 103", "抖音"), (109, "源端 109", "抖音")]
    assert store_shops(warehouse.client, read_workbook(shop_book(tmp_path, [SHOP], [FEE]))) == []


@pytest.mark.clickhouse
def test_a_province_of_the_workbook_reaches_warehouse_and_stock(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.load("warehouse", "plan", [json.dumps({"wms_co_id": 11001, "name": "杭州仓", "modified": LISTED})])
    warehouse.load("inventory", "plan", [json.dumps({"sku_id": "A", "wms_co_id": 11001, "modified": LISTED})])
    book = shop_book(tmp_path, [SHOP], [FEE], 仓库=[PLACE | {"省份": "江苏"}])
    store_shops(warehouse.client, read_workbook(book))
    assert warehouse.relabel("inventory") == ["A"]
    assert warehouse.rows("SELECT warehouse_name, warehouse_province FROM dws.dws_inventory FINAL") == [
        ("杭州仓", "江苏")
    ]
    store_shops(warehouse.client, read_workbook(shop_book(tmp_path, [SHOP], [FEE])))
    assert warehouse.rows("SELECT warehouse_name, province FROM dim.dim_warehouse FINAL") == [("杭州仓", "")]


@pytest.mark.clickhouse
def test_warehouses_that_are_as_they_were_are_not_written_again(warehouse: Warehouse) -> None:
    """They are read every five minutes; boards are asked anew when anything was written."""
    place = {"wms_co_id": 11001, "name": "杭州仓", "modified": LISTED}
    written = "SELECT max(max_block_number) FROM system.parts WHERE database = 'dim' AND table = 'dim_warehouse'"
    warehouse.load("warehouse", "plan", [json.dumps(place)])
    before = warehouse.rows(written)
    warehouse.load("warehouse", "plan-2", [json.dumps(place)])
    assert warehouse.rows(written) == before
    warehouse.load("warehouse", "plan-3", [json.dumps({**place, "name": "宁波仓"})])
    assert warehouse.rows("SELECT warehouse_name FROM dim.dim_warehouse FINAL") == [("宁波仓",)]


def _shops(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows("SELECT shop_id, shop_name, platform FROM dim.dim_shop FINAL ORDER BY shop_id")
